import { FACES, INK, PROTOCOL_COLOURS, SIZES } from './tokens.ts';

const variables = Object.entries({ ...INK, ...PROTOCOL_COLOURS })
  .map(([name, c]) => `--${name}:light-dark(${c.light},${c.dark})`)
  .join(';');

/**
 * The look that all pages share: tokens as custom properties, type, links, tables, buttons, bytes, source labels.
 * Works under a Content-Security-Policy that only allows a nonced `<style>`. Light and dark follow the system; set
 * `data-theme="light"` or `"dark"` on the root element to choose.
 */
export const baseCss: string = `
:root{color-scheme:light dark;${variables};--prose:${FACES.prose};--mono:${FACES.mono};--s1:${SIZES[0]};--s2:${SIZES[1]};--s3:${SIZES[2]};--s4:${SIZES[3]};--measure:38rem}
:root[data-theme=light]{color-scheme:light}
:root[data-theme=dark]{color-scheme:dark}
*,::before,::after{box-sizing:border-box}
html{background:var(--paper);color:var(--ink);font:var(--s2)/1.55 var(--prose);-webkit-text-size-adjust:100%;text-size-adjust:100%;scrollbar-color:var(--hair) transparent}
body{margin:0}
[hidden]{display:none!important}
h1,h2,h3,p,ul,ol,dl,dd,figure,pre,table,fieldset,blockquote{margin:0;padding:0}
h1{font-size:var(--s4);line-height:1.14;font-weight:400;letter-spacing:-.012em;text-wrap:balance}
h2{font-size:var(--s3);line-height:1.25;font-weight:400;text-wrap:balance}
h3{font-size:var(--s2);line-height:1.4;font-weight:700}
p{max-width:var(--measure);text-wrap:pretty}
p+p,ul+p,ol+p,p+ul,p+ol{margin-top:.8em}
ul,ol{max-width:var(--measure);padding-left:1.2em}
small,.small{font-size:var(--s1);line-height:1.45}
.quiet{color:var(--quiet)}
a{color:inherit;text-decoration:underline;text-decoration-color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.18em}
a:hover{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:1px}
code,kbd,samp,pre,.mono{font-family:var(--mono);font-size:.86em;font-variant-numeric:tabular-nums;font-feature-settings:'calt' 0}
pre{overflow-x:auto;line-height:1.6;white-space:pre;tab-size:8}
pre,.bytes{background:var(--sunk);padding:.7rem .9rem}
pre code{font-size:inherit}
hr{border:0;border-top:1px solid var(--hair);margin:2.5rem 0}
table{border-collapse:collapse;font-size:var(--s1);line-height:1.45;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--quiet);padding-bottom:.4rem}
th,td{text-align:left;vertical-align:baseline;font-weight:400;padding:.32rem 1.1rem .32rem 0;border-top:1px solid var(--hair)}
thead th{border-top:0;color:var(--quiet)}
td{font-family:var(--mono)}
button,.button{font:var(--s2)/1.2 var(--prose);color:var(--ink);background:var(--paper);border:1px solid var(--ink);border-radius:2px;padding:.55em .95em;min-height:2.75rem;cursor:pointer;text-decoration:none;display:inline-flex;align-items:center;gap:.5em;touch-action:manipulation}
button:hover,.button:hover{color:var(--accent);border-color:var(--accent)}
button:active{background:var(--sunk)}
button[disabled],button[aria-disabled=true]{color:var(--quiet);border-color:var(--hair);cursor:default}
summary{cursor:pointer;width:fit-content;color:var(--quiet);font-size:var(--s1);min-height:1.75rem;align-content:center}
summary:hover{color:var(--accent)}
.switch{display:inline-flex;align-items:center;gap:.6em;min-height:2.75rem;cursor:pointer}
.switch input{appearance:none;margin:0;width:2.5em;height:1.4em;flex:none;border:1px solid var(--ink);border-radius:1em;background:var(--paper);position:relative;cursor:pointer}
.switch input::before{content:'';position:absolute;left:.2em;top:50%;width:.9em;height:.9em;margin-top:-.45em;border-radius:50%;border:1px solid var(--ink);background:var(--paper)}
.switch input:checked{background:var(--ink)}
.switch input:checked::before{left:auto;right:.2em;background:var(--paper);border-color:var(--paper)}
.switch input:disabled{opacity:.5}
.protocol{font-family:var(--mono);font-size:.86em;font-weight:700}
.p-h1{--p:var(--h1)}.p-h2{--p:var(--h2)}.p-h3{--p:var(--h3)}.p-ws{--p:var(--ws)}.p-none{--p:var(--quiet)}
.protocol{color:var(--p)}
.source{font-size:var(--s1);line-height:1.4;color:var(--quiet);font-style:italic}
.source[data-sure=mock]{color:var(--bad)}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:1rem;top:-4rem;background:var(--paper);padding:.5rem .8rem;z-index:9}
.skip:focus{top:.5rem}
.ctl{display:inline-block;font:400 .7em/1.25 var(--mono);letter-spacing:.02em;color:var(--quiet);border:1px solid var(--hair);border-radius:2px;padding:0 .2em;margin:0 .08em;vertical-align:.1em;background:var(--paper)}
pre:not(.bytes) .ctl{width:2ch;font-size:.5em;letter-spacing:0;padding:0;margin:0;border:0;background:none;vertical-align:.4em}
.caret .ctl{color:inherit;background:none;border-color:currentColor}
.bytes{font:var(--s1)/1.7 var(--mono);font-variant-numeric:tabular-nums;overflow-x:auto;white-space:pre;tab-size:1}
.bytes .at{color:var(--quiet);user-select:none}
.bytes .f0,.bytes .f1{border-bottom:1.5px solid var(--h3)}
.bytes .f1{border-bottom-color:var(--h2);border-bottom-style:dotted}
.bytes .caret{background:var(--accent);color:var(--paper)}
.bytes .note{color:var(--accent);font-weight:700}
@media print{:root{color-scheme:light}}
@media (forced-colors:active){.protocol,.tl *{forced-color-adjust:none}}
`;

import { baseCss } from '@interleave/trace/look';
import { timelineCss } from '@interleave/trace/timeline';
import { capabilitiesCss } from './capabilities-css.ts';
import { instrumentsCss } from './instruments-css.ts';
import { storyCss } from './story-css.ts';

/** What the app's pages add to the shared look. */
const pageCss = `
.frame{max-width:60rem;margin:0 auto;padding:0 clamp(1rem,4vw,2.5rem)}
.top{border-bottom:1px solid var(--hair);font-size:var(--s1);line-height:1.45}
.top .frame{padding-block:.55rem}
.ribbon{display:flex;flex-wrap:wrap;align-items:baseline;column-gap:.55rem;font-family:var(--mono);font-variant-numeric:tabular-nums;min-height:1.45em}
.ribbon>*+*::before{content:'·';color:var(--quiet);margin-right:.55rem}
.ribbon>:empty,.ribbon>:empty::before{display:none}
.ribbon b{font:700 1.15em/1 var(--prose)}
.ribbon .tickbox::before,.ribbon .tickbox+*::before{content:none}
.ticks{display:inline-block;vertical-align:-1px;overflow:visible;max-width:100%}
.ticks path{stroke:var(--quiet);stroke-width:1.5;fill:none}
.ticks .tick-now{stroke:var(--accent);stroke-width:2.25}
.ribbon-change{color:var(--quiet);font-style:italic;max-width:none;min-height:1.45em;margin-top:.1rem}
.nav{display:flex;flex-wrap:wrap;gap:.3rem 1.6rem;padding-block:1rem 0;font-size:var(--s1)}
.nav a{text-decoration-color:var(--hair);padding-block:.3rem}
.nav a[aria-current]{text-decoration:none;font-weight:700}
.nav .brand{margin-right:auto;font-size:var(--s2);text-decoration:none;letter-spacing:.01em}
.nav .brand i{color:var(--accent);font-style:normal}
main.frame{padding-block:clamp(2rem,5vw,3.5rem) 4rem}
main:focus{outline:none}
main>section{margin-top:clamp(2.75rem,6vw,4.25rem)}
main>.experiment{margin-top:2.6rem}
h1{max-width:21em}
.standfirst{margin-top:1.1rem;font-size:1.15rem;line-height:1.5;color:var(--quiet);max-width:42rem;min-height:4.5em}
h2{max-width:32rem;margin-bottom:.7rem}
.life{margin-top:2rem;min-height:5.2rem}
.life .narrow{display:none}
.life-note{margin-top:.4rem;max-width:46rem}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.4rem;list-style:none;padding:0;margin-top:.6rem;max-width:none;font-size:var(--s1);color:var(--quiet)}
.legend svg{vertical-align:-.18em;margin-right:.45em;overflow:visible}
.table-scroll{overflow-x:auto;margin-top:.5rem;max-width:100%}
[hidden]{display:none!important}
.controls{display:flex;flex-wrap:wrap;gap:.8rem 1.4rem;align-items:center;margin-top:1.2rem}
#fetch-three{background:var(--ink);color:var(--paper);border-color:var(--ink)}
#fetch-three:hover{background:var(--accent);border-color:var(--accent)}
#fetch-three[aria-disabled=true]{background:var(--paper);color:var(--quiet);border-color:var(--hair)}
.outcome{margin-top:1.2rem;font-size:var(--s3);line-height:1.3;min-height:1.3em;max-width:44rem}
.outcome:empty{min-height:0;margin:0}
.results{width:100%;max-width:46rem}
.results th[scope=row]{font-family:var(--mono);font-weight:700;white-space:nowrap}
.results td{white-space:nowrap}
.results .small{font-family:var(--prose);white-space:normal}
.facts{margin-top:.5rem}
.facts div{display:grid;grid-template-columns:10rem minmax(10rem,1fr) minmax(12rem,1.1fr);column-gap:1.4rem;align-items:baseline;padding:.34rem 0;border-top:1px solid var(--hair)}
.facts dt{font-size:var(--s1);line-height:1.45}
.facts .value{font:.9rem/1.45 var(--mono);font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.facts .value[data-known=no]{color:var(--quiet)}
.facts-group{margin-top:1.6rem}
.facts-group h3{font-weight:400;font-style:italic}
.origins{list-style:none;padding:0;margin-top:.6rem;max-width:none}
.origins li{display:grid;grid-template-columns:15.5rem 3rem 1fr;column-gap:1rem;padding:.32rem 0;border-top:1px solid var(--hair);align-items:baseline}
.origins a,.origins b{font:.9rem/1.45 var(--mono);overflow-wrap:anywhere}
.can td:nth-child(n+2){font-family:var(--prose)}
pre{margin-top:.6rem;font-size:.86rem}
.drop{border:1px dashed var(--quiet);padding:clamp(1rem,4vw,2rem);max-width:46rem}
.drop.over{border-color:var(--accent);background:var(--sunk)}
.drop-section{margin-top:2rem!important}
.drop-lead{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:center;max-width:none}
.drop input[type=file]{position:absolute;width:1px;height:1px;opacity:0}
.drop input[type=file]:focus-visible+.quiet,.drop-lead:has(input:focus-visible) .button{outline:2px solid var(--accent);outline-offset:3px}
button.link{border:0;padding:0;min-height:1.75rem;background:none;font-size:var(--s1);text-decoration:underline;text-decoration-color:var(--accent);text-underline-offset:.18em}
.reading{width:100%;max-width:46rem;accent-color:var(--accent)}
.report:empty{display:none}
.report>section{margin-top:clamp(2.5rem,5vw,3.5rem)}
.report:focus{outline:none}
.report-sentence{font-size:var(--s4);line-height:1.18;max-width:30em;text-wrap:balance}
.plain{list-style:none;padding:0;max-width:46rem}
.plain li{padding:.28rem 0;border-top:1px solid var(--hair)}
.mono-list li{font-family:var(--mono);overflow-wrap:anywhere}
.findings{list-style:none;padding:0;max-width:46rem}
.finding{border-top:1px solid var(--ink);padding:1rem 0 1.2rem}
.finding h3{font-size:var(--s3);font-weight:400;line-height:1.3;overflow-wrap:anywhere}
.finding-line{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.4rem 0 .6rem;max-width:none}
.stake{font-family:var(--mono);font-weight:700}
.rule{font-size:.8em;color:var(--quiet)}
.compared{max-width:46rem}
.meter-all{fill:var(--hair)}.meter-have{fill:var(--ink)}
.how{margin-top:.6rem;max-width:46rem}
.how dt{font-weight:700;margin-top:.7rem}
.tells{margin-top:1rem}
footer{border-top:1px solid var(--hair);padding-block:1.2rem 2.5rem;font-size:var(--s1);color:var(--quiet)}
footer p{max-width:46rem}
@media (max-width:46rem){
.facts div{grid-template-columns:8.2rem 1fr;row-gap:.05rem}
.facts .source{grid-column:2}
.origins li{grid-template-columns:1fr auto}
.origins .small{grid-column:1/-1}
}
@media (max-width:34rem){
.life .wide{display:none}
.life .narrow{display:block}
.standfirst{font-size:1.0625rem;min-height:6em}
.nav .brand{flex-basis:100%}
.ribbon{min-height:4.35em;align-content:flex-start}
.ribbon-change{min-height:4.35em}
.results{font-size:.75rem}
.results th,.results td{padding-right:.5rem}
.controls>*{flex:1 1 100%}
.controls button{justify-content:center}
.facts div{grid-template-columns:7rem 1fr;column-gap:.9rem}
}
`;

/** The style sheet of every page, as one text for a nonced element. */
export const css: string = [baseCss, timelineCss, pageCss, storyCss, instrumentsCss, capabilitiesCss]
  .join('')
  .replaceAll('\n', '');

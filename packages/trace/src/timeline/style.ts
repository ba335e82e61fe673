import { FACES, INK, PROTOCOL_COLOURS } from '../look/tokens.ts';

/** How timelines look inside a page that has `baseCss`, whose custom properties it uses. */
export const timelineCss: string = `
.tl{display:block;max-width:100%;height:auto;overflow:visible;font-family:var(--mono);font-variant-numeric:tabular-nums}
.tl text{font-size:11.5px;fill:var(--ink)}
.p-h1{--p:var(--h1)}.p-h2{--p:var(--h2)}.p-h3{--p:var(--h3)}.p-ws{--p:var(--ws)}.p-none{--p:var(--quiet)}
.tl-grid{stroke:var(--hair);stroke-width:1}
.tl .tl-tick{fill:var(--quiet);text-anchor:middle;font-size:11px}
.tl-fold{stroke:var(--p);stroke-width:1;fill:none}
.tl .tl-fold-text{fill:var(--quiet);text-anchor:middle;font-size:11px;font-style:italic;font-family:var(--prose)}
.tl-spine{stroke:var(--p);stroke-width:1.5;fill:none}
.tl-stub{stroke:var(--p);stroke-width:1.5;stroke-dasharray:1.5 3;fill:none}
.tl .tl-t-lane{font-family:var(--prose);font-size:19px}
.tl .tl-t-protocol{fill:var(--p);font-weight:700;font-size:12px}
.tl .tl-t-note,.tl .tl-t-gap,.tl .tl-t-earlier{fill:var(--quiet);font-family:var(--prose);font-size:12px;font-style:italic}
.tl .tl-t-exchange{fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
.tl-response{fill:var(--p)}
.tl-server{fill:color-mix(in srgb,var(--p) 26%,var(--paper))}
.tl-request{fill:color-mix(in srgb,var(--p) 64%,var(--paper))}
.tl-back{fill:var(--paper)}
.tl-handshake{stroke:var(--p);stroke-width:1}
.tl-hatch{stroke:var(--p);stroke-width:2.6}
.tl-blocked{stroke:var(--quiet);stroke-width:1}
.tl-hatch-blocked{stroke:var(--quiet);stroke-width:2}
.tl-waiting{stroke:var(--quiet);stroke-width:1.25;stroke-dasharray:2 2.5;fill:none}
.tl-dot{fill:var(--p);stroke:var(--p)}
.tl-ring{fill:var(--paper);stroke:var(--p);stroke-width:1.75}
.tl-doubt{stroke-dasharray:2 2}
.tl-sign{stroke:var(--ink);stroke-width:1.75;fill:none;stroke-linecap:square}
.tl-flag{fill:var(--ink)}
.tl-mark-rst .tl-sign,.tl-mark-problem .tl-sign{stroke:var(--bad)}
.tl-mark-problem .tl-flag{fill:var(--bad)}
.tl-under{stroke:var(--accent);stroke-width:2.5;fill:none}
.tl .tl-current .tl-t-exchange{fill:var(--accent);font-weight:700}
.tl-failed .tl-response,.tl-failed .tl-server{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:3 2}
.tl a:focus-visible{outline:2px solid var(--accent);outline-offset:3px}
`;

/** The same for a drawing that is a file of its own: the properties it needs, light and dark, and its paper. */
export function standaloneStyle(): string {
  const variables = (theme: 'light' | 'dark'): string =>
    Object.entries({ ...INK, ...PROTOCOL_COLOURS })
      .map(([name, colour]) => `--${name}:${colour[theme]}`)
      .join(';');
  const faces = `--prose:${FACES.prose};--mono:${FACES.mono}`;
  return (
    `svg.tl{${variables('light')};${faces}}` +
    `@media (prefers-color-scheme:dark){svg.tl{${variables('dark')}}}` +
    `.tl-paper{fill:var(--paper)}${timelineCss.trim()}`
  );
}

import { baseCss } from '@interleave/trace/look';
import { timelineCss } from '@interleave/trace/timeline';
import { http2Css } from './http2-css.ts';

/** What the workshop's pages add to the shared look. */
const pageCss = `
.frame{max-width:60rem;margin:0 auto;padding:0 clamp(1rem,4vw,2.5rem)}
.wide-page .frame{max-width:82rem}
.nav{display:flex;flex-wrap:wrap;gap:.3rem 1.6rem;padding-block:1rem;font-size:var(--s1)}
.nav a{text-decoration-color:var(--hair);padding-block:.3rem}
.nav a[aria-current]{text-decoration:none;font-weight:700}
.nav .brand{margin-right:auto;font-size:var(--s2);text-decoration:none;letter-spacing:.01em}
.nav .brand i{color:var(--accent);font-style:normal}
header{border-bottom:1px solid var(--hair)}
main.frame{padding-block:clamp(1.6rem,4vw,2.8rem) 4rem}
main:focus,section:focus{outline:none}
footer{border-top:1px solid var(--hair);padding-block:1.2rem 2.5rem;font-size:var(--s1);color:var(--quiet)}
.standfirst{margin-top:1.1rem;font-size:1.15rem;line-height:1.5;color:var(--quiet);max-width:42rem}
.good{color:var(--good)}
.bad{color:var(--bad)}
.sign{display:inline-block;width:1.3em;font-family:var(--mono);font-weight:700}
.id{font-family:var(--mono);font-size:.86em;font-variant-numeric:tabular-nums;white-space:nowrap}
.primary{background:var(--ink);color:var(--paper)}
.primary:hover{background:var(--accent);border-color:var(--accent);color:var(--paper)}
.go-on{margin-top:1.8rem;display:flex;flex-wrap:wrap;gap:.6rem 1.2rem;align-items:center;max-width:none}
.track{margin-top:clamp(2.4rem,5vw,3.6rem)}
.exercises{list-style:none;padding:0;margin-top:1rem;max-width:none}
.exercises a{display:grid;grid-template-columns:1.6rem 3.2rem 1fr auto 4.5rem;column-gap:.8rem;align-items:baseline;padding:.75rem 0;border-top:1px solid var(--hair);text-decoration:none;color:inherit}
.exercises .title{font-size:1.15rem}
.exercises .idea{grid-column:3;grid-row:2;max-width:34rem}
.exercises .minutes{text-align:right}
.exercises a:hover .title{color:var(--accent)}
.exercises [aria-current] .title{text-decoration:underline;text-decoration-color:var(--accent);text-underline-offset:.18em}
.crumbs{margin-bottom:1.4rem;max-width:none}
.columns{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,41rem);column-gap:clamp(2rem,4vw,4rem);align-items:start}
.prose h2{margin-top:2rem;margin-bottom:.5rem}
.prose h1+p{margin-top:1.1rem}
.references:not(:has(*)){display:none}
.prose pre{margin-top:.8rem;font-size:.84rem;white-space:pre-wrap;overflow-wrap:anywhere}
.prose pre:not(:has(.language-ts)){font-size:.72rem;white-space:pre;overflow-wrap:normal}
section>h2+p{margin-top:.35rem}
.prose pre+p,.prose pre+ul{margin-top:.9rem}
.prose pre code{font-size:inherit}
.prose ul,.prose ol{margin-top:.6em}
.verdict{position:sticky;top:1.2rem;border-top:2px solid var(--ink);padding-top:.9rem}
.verdict h2{margin-bottom:.15rem}
.judging{color:var(--accent);font-size:var(--s2);font-style:italic}
@media (prefers-reduced-motion:no-preference){.judging{animation:judging 1s ease-in-out infinite alternate}}
@keyframes judging{to{opacity:.45}}
.checks{list-style:none;padding:0;margin-top:.9rem;max-width:none}
.checks li{border-top:1px solid var(--hair)}
.checks .row{display:grid;grid-template-columns:1.4em 3.9em 1fr;column-gap:.4em;align-items:baseline;width:100%;min-height:0;padding:.4rem 0;border:0;border-radius:0;background:none;text-align:left;font:var(--s1)/1.45 var(--prose);font-size:.95rem;color:inherit;text-decoration:none}
.checks button.row,.checks a.row{cursor:pointer}
.checks button.row:hover,.checks a.row:hover{color:var(--accent)}
.checks .row[aria-current]{box-shadow:inset 3px 0 0 var(--accent);margin-left:-.75rem;padding-left:.75rem;width:calc(100% + .75rem)}
.failure{margin-top:1rem;font-size:.75rem;line-height:1.5}
.failure .caret-note{color:var(--accent);font-weight:700}
.hints{margin-top:1rem}
.hints ol{margin-top:.3rem;font-size:.98rem}
.rungs{list-style:none;padding:0}
.rungs li{margin-top:.8rem;border-left:1px solid var(--hair);padding-left:.9rem}
.rungs li:last-child{border-left-color:var(--accent)}
.rungs li:focus{outline:none}
.hints li p{margin-top:.35em}
.hints pre{margin-top:.5rem;font-size:.8rem}
.controls{display:flex;flex-wrap:wrap;gap:.7rem;margin-top:1rem;max-width:none}
.quiet-controls button{font-size:var(--s1);min-height:2.25rem;padding:.35em .8em;border-color:var(--hair)}
.quiet-controls button:hover{border-color:var(--accent)}
#dialogue:empty,#diff:empty{display:none}
#dialogue{margin-top:.6rem}
#diff{margin-top:1rem}
.diff{max-height:60vh;overflow:auto;font-size:.78rem}
.diff .minus{color:var(--bad)}
.diff .plus{color:var(--good)}
.run,.references,.page-host{margin-top:clamp(2.4rem,5vw,3.6rem);border-top:1px solid var(--hair);padding-top:1.6rem}
.run h2,.references h2{max-width:none}
.run h3{margin-top:1.6rem;margin-bottom:.4rem}
.references h2+figure{margin-bottom:2.2rem}
.run-figure{margin-top:1.2rem}
.run-figure .narrow{display:none}
.run-figure figcaption{margin-top:.5rem;max-width:46rem}
.carried{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.7rem .8rem;max-width:none}
.carried li{display:grid;justify-items:center;gap:.25rem}
.carried img{display:block;width:72px;height:48px}
.chunked{list-style:none;padding:0;margin-top:.6rem;max-width:none}
.chunked>li{display:grid;grid-template-columns:5.5rem minmax(0,1fr);column-gap:1rem;align-items:start;border-top:1px solid var(--hair);padding:.5rem 0}
.chunked ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.35rem .5rem;max-width:none}
.chunked ul li{display:grid;min-width:0;max-width:100%;overflow-wrap:anywhere}
.chunked code{font-size:.84rem;border-bottom:2px solid var(--hair);padding-bottom:.1rem}
.chunked .size code{border-color:var(--accent)}
.chunked .data code{border-color:var(--ink)}
.chunked .last code{border-bottom:4px double var(--ink)}
.band-0{fill:#0072b2}
.band-1{fill:#c95700}
.band-2{fill:#00795a}
.band-3{fill:#b0488a}
.band-4{fill:#8a6a00}
.band-5{fill:#6a5acd}
.band-6{fill:#b3403a}
.band-7{fill:#5f6b73}
.band-out{fill:var(--accent)}
.band-rest0{fill:var(--quiet);fill-opacity:.55}
.band-rest1{fill:var(--quiet);fill-opacity:.28}
.band-later{fill:var(--paper);fill-opacity:.9;visibility:hidden}
.stepping .band-later{visibility:visible}
.band-letter{fill:#fff;font-weight:700}
.tile{stroke-width:1.5}
.tile-head{stroke:var(--accent);fill:var(--accent)}
.tile-data{stroke:var(--h2);fill:var(--h2)}
.tile-else{stroke:var(--quiet);fill:var(--quiet)}
.tile.tile-client{fill:var(--paper)}
.tile-end{fill:var(--ink)}
.tile-letter{fill:var(--paper)}
.tile-letter.tile-client{fill:currentColor}
.frame-list{max-height:24rem;overflow:auto;padding-left:3rem}
.blocks td+td,.blocks th+th{text-align:right;font-variant-numeric:tabular-nums;padding-left:1.2rem}
.match fieldset{border:0;padding:0;margin-top:.3rem;display:flex;flex-wrap:wrap;gap:.2rem 1.4rem}
.match label{display:inline-flex;gap:.5em;align-items:center;min-height:2.25rem}
.match .wrong{color:var(--bad)}
.match:has([value=none]:not(:checked)) .as-none,.match:has([value=swap]:not(:checked)) .as-swap,.match:has([value=lose]:not(:checked)) .as-lose{display:none}
.own a.button{margin-top:.7rem;max-width:100%;overflow-wrap:anywhere}
.own h3{margin-top:1.8rem}
.panes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,36rem),1fr));gap:0 2.5rem}
.pane{min-width:0}
.pane .bytes{font-size:.78rem}
.steps{padding-left:2em;max-width:52rem;font-size:.95rem}
.steps li{padding-left:.2em}
.steps .sign{width:1.2em}
.run>details{margin-top:1rem}
.transcript{font-size:.78rem;max-height:30rem;overflow:auto}
.table-scroll{position:relative;overflow-x:auto;margin-top:.5rem;max-width:100%}
.toc{max-width:44rem}
.pager{display:flex;justify-content:space-between;gap:1rem;margin-top:3rem;font-size:var(--s1)}
.matrix-part{margin-top:clamp(2.4rem,5vw,3.6rem);border-top:1px solid var(--hair);padding-top:1.6rem}
.matrix-part h2 a{text-decoration-color:var(--hair)}
.matrix-part details{margin-top:.35rem}
.matrix-part summary{font-size:var(--s1)}
.matrix-part .name{color:var(--ink);margin-right:.6em}
.matrix-part .reads{margin-top:1.4rem}
.words{list-style:none;padding:0}
.totals,.matrix{border-collapse:collapse;font-size:var(--s1);font-variant-numeric:tabular-nums}
.totals{margin-top:1.6rem}
.totals td,.totals th,.matrix td,.matrix th{padding:.35rem .8rem .35rem 0;border-top:1px solid var(--hair);text-align:right;vertical-align:baseline;font-weight:400}
.totals th:first-child,.matrix th:first-child{text-align:left}
.totals thead th,.matrix thead th{border-top:0;color:var(--quiet)}
.totals tfoot>*,.matrix tfoot>*{border-top:1px solid var(--ink)}
.matrix td,.matrix thead th:not(:first-child){text-align:center;padding-inline:.45rem}
.matrix th:first-child{position:sticky;left:0;background:var(--paper);min-width:12rem;max-width:26rem}
.matrix .mistake{display:block}
.matrix .start th,.matrix .start td{border-bottom:1px solid var(--ink)}
.matrix .kill{color:var(--bad);font-family:var(--mono);font-weight:700}
.matrix .shown [aria-hidden]{display:inline-block;width:1.7em;background:var(--bad);color:var(--paper)}
.gate-link{margin-top:2.4rem}
@media (max-width:64rem){
.columns{grid-template-columns:minmax(0,1fr)}
.verdict{position:static;margin-top:2.4rem}
.failure{font-size:.72rem}
}
@media (max-width:44rem){
.matrix th:first-child{min-width:7.5rem;max-width:7.5rem;overflow-wrap:anywhere}
.matrix .mistake{display:none}
.run-figure .wide,.run-figure .wide-only{display:none}
.run-figure .narrow{display:block}
.exercises a{grid-template-columns:1.4rem 2.8rem 1fr}
.exercises .idea,.exercises .state,.exercises .minutes{grid-column:3;grid-row:auto;text-align:left}
.controls button{flex:1 1 100%;justify-content:center}
}
`;

/** The style sheet of every page, as one text for a nonced element. */
export const css: string = baseCss + timelineCss + pageCss + http2Css;

/** What the pages of the story add to the look of all pages. */
export const storyCss = `
.chapters ol{display:flex;flex-wrap:wrap;gap:.1rem 1.3rem;list-style:none;counter-reset:chapter;padding:.5rem 0 0;margin:.6rem 0 0;max-width:none;border-top:1px solid var(--hair);font-size:var(--s1)}
.chapters li{counter-increment:chapter}
.chapters li::before{content:counter(chapter);color:var(--quiet);font-family:var(--mono);margin-right:.45em}
.chapters a{display:inline-block;padding-block:.3rem;text-decoration-color:var(--hair)}
.chapters a[aria-current]{font-weight:700;text-decoration:none}
.chapter{color:var(--quiet);font-size:var(--s1);font-style:italic;margin-bottom:.5rem}
.contents{list-style:none;padding:0;margin-top:2.2rem;max-width:46rem}
.contents li{display:flex;gap:1.2rem;align-items:baseline;border-top:1px solid var(--hair);padding:.85rem 0}
.contents a{text-decoration:none;display:block}
.contents-number{font:400 var(--s3)/1 var(--mono);color:var(--accent);min-width:1.2em}
.contents-name{display:block;font-size:var(--s1);font-style:italic;color:var(--quiet)}
.contents-headline{display:block;font-size:var(--s3);line-height:1.3}
.contents a:hover .contents-headline{text-decoration:underline;text-decoration-color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.18em}
.primary{background:var(--ink);color:var(--paper);border-color:var(--ink)}
.primary:hover{background:var(--accent);border-color:var(--accent);color:var(--paper)}
.primary[aria-disabled=true]{background:var(--paper);color:var(--quiet);border-color:var(--hair)}
.predict{border:0;border-left:2px solid var(--accent);padding:.1rem 0 .1rem 1rem;display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;min-width:0}
.predict legend{padding:0;float:left;width:100%;margin-bottom:.5rem}
.predict legend+*{clear:both}
.guess{min-height:2.75rem;min-width:3rem;justify-content:center;border-color:var(--hair)}
.guess[aria-pressed=true]{border-color:var(--ink);background:var(--ink);color:var(--paper)}
.predict-answer{font-style:italic;min-height:1.55em;margin:0!important;flex:1 1 12rem}
.run-address{margin-top:.5rem;min-height:1.45em}
.run-address a{font-family:var(--mono);overflow-wrap:anywhere}
.experiment .life{margin-top:1.6rem}
.three{list-style:none;padding:0;max-width:46rem;counter-reset:three}
.three li{font-size:1.15rem;line-height:1.5;padding:.6rem 0;border-top:1px solid var(--hair)}
.surprises{list-style:none;padding:0;max-width:46rem}
.surprises li{padding:.55rem 0;border-top:1px solid var(--hair)}
.choices{gap:.4rem 1.4rem}
.choice{display:inline-flex;align-items:center;gap:.5rem;min-height:2.75rem;cursor:pointer}
.choice input{accent-color:var(--accent);width:1.05rem;height:1.05rem;margin:0}
.small-outcome{font-size:var(--s2)!important;line-height:1.5!important;min-height:1.55em}
.bytes-box{margin-top:1rem;min-width:0}
.bytes-title{font-size:var(--s1);font-style:italic;color:var(--quiet)}
.bytes-pair{display:grid;grid-template-columns:minmax(0,1fr);gap:0 1.5rem}
.take-home pre{max-width:46rem}
.take-home pre+p{margin-top:.5rem}
.bytes-box .bytes{max-height:24rem;overflow:auto}
.works{margin-top:.6rem;max-width:none}
.range input[type=text]{font:1rem/1.2 var(--mono);width:14rem;max-width:100%;padding:.45em .6em;border:1px solid var(--ink);background:var(--paper);color:var(--ink);border-radius:2px}
.range input[type=number]{font:1rem/1.2 var(--mono);width:5.5rem;padding:.4em .5em;border:1px solid var(--ink);background:var(--paper);color:var(--ink);border-radius:2px}
.wrong-answer td:last-child{color:var(--bad);font-weight:700}
.typed-title{margin-top:2rem}
.typed{display:block;width:100%;max-width:46rem;margin-top:.6rem;font:.9rem/1.6 var(--mono);padding:.6rem .8rem;border:1px solid var(--ink);border-radius:2px;background:var(--paper);color:var(--ink);resize:vertical}
.pipes td{white-space:normal;overflow-wrap:anywhere}
.strip-figure{margin-top:1.6rem}
.strip-figure #strip{min-height:20rem}
.tl .strip-name{font-size:11.5px}
.tl .strip-letter{fill:var(--paper);font-size:10px;font-weight:700;text-anchor:middle}
.strip-other{fill:color-mix(in srgb,var(--p) 78%,var(--ink))}
.strip-head{fill:var(--ink)}
.tl .strip-first{text-anchor:start}
.mixed{max-height:11rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.turn{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem;margin-top:clamp(2.75rem,6vw,4.25rem);border-top:1px solid var(--ink);padding-top:1rem}
.turn a{text-decoration:none;font-size:var(--s3);line-height:1.3}
.turn a:hover{text-decoration:underline;text-decoration-color:var(--accent);text-decoration-thickness:1px}
.turn a span{display:block;font-size:var(--s1);font-style:italic}
.turn>:last-child{text-align:right}
.range{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem .8rem;min-height:2.75rem}
.range input{accent-color:var(--accent);width:12rem;max-width:100%}
.range output{font-family:var(--mono);font-variant-numeric:tabular-nums;min-width:4.5em}
.idle-box{align-items:flex-start}
.idle-box p{flex:1 1 18rem}
.mosaics{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:2rem 2.5rem;margin-top:1.6rem}
.mosaic-box{min-width:0}
.mosaic-box figcaption{display:flex;flex-wrap:wrap;gap:.1rem .8rem;align-items:baseline;margin-bottom:.4rem}
.mosaic-note{flex-basis:100%;min-height:1.45em}
.mosaic{display:grid;grid-template-columns:repeat(8,1fr);gap:1px;max-width:32rem;background:var(--hair);border:1px solid var(--hair)}
.tile{position:relative;aspect-ratio:1;background:var(--paper);overflow:hidden}
.tile img{position:absolute;inset:0;width:100%;height:100%;display:block}
.tile-mark{position:absolute;left:0;bottom:0;font:700 .625rem/1.2 var(--mono);background:var(--paper);color:var(--ink);padding:0 .2em}
.mosaic-life{margin-top:.8rem}
.mosaic-life.awaited{min-height:19rem}
#counts{width:100%;max-width:46rem}
.experiment .part,.experiment h3{font-size:var(--s2);font-weight:700;line-height:1.4;margin-top:2rem;max-width:none}
.hole .part{margin-top:0}
.hole{margin-top:2.8rem;border-top:1px solid var(--hair);padding-top:1.4rem;scroll-margin-top:1rem}
.hole-words{margin-top:1rem;font-size:var(--s3);line-height:1.3;max-width:44rem;min-height:3.9em}
.presets{display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;list-style:none;padding:0;margin-top:.9rem;max-width:none}
.preset{display:inline-block;padding-block:.45rem}
.preset[aria-current]{font-weight:700;text-decoration-thickness:2px}
.plain-set{border:0;padding:0;margin:0;min-width:0}
.roads,.waits{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1.4rem 2rem;margin-top:1.2rem}
.waits{grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr))}
.road,.wait-box{min-width:0}
.road figcaption,.wait-box figcaption{margin-bottom:.5rem}
.near-note{margin-top:.5rem!important}
.wait-note{margin-top:.3rem;min-height:8.8em}
.real .outcome,.hole .outcome{min-height:2.6em}
.wait-drawing{min-height:16.1rem}
.recorded{margin:2rem 0 1.4rem}
.recorded figure{margin-top:1.4rem}
.recorded .life{margin-top:.5rem;min-height:0}
.road-drawing .narrow{display:none}
.moment input{width:min(24rem,60vw)}
.hl-came{fill:var(--p)}
.hl-asked{fill:color-mix(in srgb,var(--p) 24%,var(--paper))}
.hl-held{stroke:var(--p);stroke-width:.75}
.hl-waits{fill:none;stroke:var(--p);stroke-width:.75}
.hl-hatch{stroke:var(--p);stroke-width:2.4}
.hl-due{fill:none;stroke:var(--hair);stroke-width:1}
.hl-lost{fill:var(--paper);stroke:var(--bad);stroke-width:1.5;stroke-dasharray:2.5 2}
.hl-band{fill:color-mix(in srgb,var(--bad) 15%,var(--paper))}
.hl text.hl-late{font-weight:700}
.hl text.hl-fine{fill:var(--quiet)}
.unasked .hl-late,.unasked .hl-fine{visibility:hidden}
.unasked .road .hl-came,.unasked .road .hl-held{fill:none;stroke:var(--hair)}
.gain{margin-top:2rem}
.gain-line{fill:none;stroke:var(--p);stroke-width:1.75}
.gain-own{stroke-dasharray:4 2.5}
.gain-area{fill:color-mix(in srgb,var(--h2) 14%,var(--paper))}
.gain-here{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:2.5 2}
.tl .gain-name{fill:var(--p);font-size:12px}
.tl .gain-y,.tl .gain-last{text-anchor:end}
@media (max-width:34rem){
.road-drawing .wide{display:none}
.road-drawing .narrow{display:block}
.hole-words{font-size:var(--s2);min-height:7.8em}
.real .outcome,.hole .outcome{min-height:5.2em}
.moment input{width:auto}
.near .range{flex-wrap:nowrap;justify-content:space-between}
.near .range input[type=range]{flex:1 1 5rem;min-width:0}
.near .range span{flex:0 1 auto}
.near .range output{flex:0 0 auto;white-space:nowrap}
.turn{grid-template-columns:1fr}
.turn>:last-child{text-align:left}
.turn>span:empty{display:none}
.three li{font-size:var(--s2)}
.bytes-box .bytes{font-size:.6875rem}
}
`;

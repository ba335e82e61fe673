/** What `/why` and `/live` add to the look of all pages. */
export const instrumentsCss = `
.whys{list-style:none;padding:0;margin-top:2.4rem;max-width:none}
.why{border-top:1px solid var(--ink);padding:1.4rem 0 1.6rem;scroll-margin-top:1rem}
.why h2{display:flex;gap:1rem;align-items:baseline;max-width:46rem;margin-bottom:.4rem}
.why-number{font:400 var(--s3)/1 var(--mono);color:var(--accent);min-width:1.4em;font-variant-numeric:tabular-nums}
.why>p,.why>.controls,.why>.evidence{margin-left:calc(1.4 * var(--s3) + 1rem)}
.why>.controls{margin-top:.8rem}
.why-chosen{border-top-width:3px;border-top-color:var(--accent)}
.evidence{min-height:21.5rem}
.evidence.many{min-height:32.5rem}
#reason-first .evidence{min-height:15rem}
.outcome:has(~ .whys){min-height:3.9em}
.why-words{margin-top:1rem!important}
.why-figure{margin-top:1rem}
.why-answers{width:100%;margin-top:.9rem;max-width:54rem}
.why-answers td{font-family:var(--prose);min-width:8.5rem}
.why-answers th[scope=row]{white-space:nowrap}
.why-answers th b{font-size:var(--s2)}
.fetches{gap:.5rem .6rem}
@media (hover:hover){.fetches>button{min-height:2.3rem;padding:.3em .75em;font-size:1rem}}
.fetches .range{margin-left:.6rem}
.live-figure .outcome{min-height:2.6em;margin-top:.8rem}
.predict:has(~ .fetches) legend{width:auto;margin:0 1rem 0 0;align-self:center}
.predict:has(~ .fetches) legend+*{clear:none}
.live-figure{margin-top:1.2rem}
.waterfall{height:26rem;overflow:auto;border-block:1px solid var(--hair);padding:.6rem 0;contain:strict}
.waterfall .tl{overflow:visible}
.waterfall .tl a{cursor:pointer;outline:none}
.waterfall .tl a:focus-visible rect,.waterfall .tl a.chosen rect{stroke:var(--accent);stroke-width:2}
.waterfall .tl a:focus-visible .tl-waiting,.waterfall .tl a.chosen .tl-waiting{stroke:var(--accent);stroke-width:2.5}
.live-state{min-height:1.45em}
.live-facts{margin-top:1.2rem}
.live-facts-title{font-size:var(--s2);font-style:italic;margin-bottom:.2rem}
.facts-scroll{height:21rem;overflow:auto}
.facts-scroll .facts{margin-top:0}
.facts-scroll .facts div{padding-block:.22rem}
.live-table{max-height:24rem;overflow:auto}
.event-scroll{height:16rem;overflow:auto;background:var(--sunk);padding:.7rem .9rem;margin-top:.8rem}
.event-log{list-style:none;padding:0;max-width:none;font:.78rem/1.6 var(--mono)}
.event-log li{overflow-wrap:anywhere}
.event-name{font-weight:700}
@media (max-width:34rem){
.fetches>button{flex:1 1 45%!important;padding-inline:.4em}
.fetches .range{margin-left:0}
.live-figure .outcome{min-height:6.5em}
.predict:has(~ .fetches) legend{width:100%;margin:0 0 .5rem}
.waterfall{height:20rem}
.facts-scroll{height:22rem}
.facts-scroll .facts div{grid-template-columns:7rem 1fr}

.why>p,.why>.controls,.why>.evidence{margin-left:0}
.evidence{min-height:37rem}
.evidence.many{min-height:44rem}
#reason-first .evidence{min-height:25rem}
.outcome:has(~ .whys){min-height:6.5em}
.why-answers thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.why-answers tr,.why-answers th,.why-answers td{display:block;border:0;padding:.1rem 0}
.why-answers tr{border-top:1px solid var(--hair);padding:.45rem 0}
.why-answers td::before{content:attr(data-column) ' ';color:var(--quiet);font-style:italic}
}
`;

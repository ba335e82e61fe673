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
.evidence.many{min-height:32rem}
.outcome:has(~ .whys){min-height:3.9em}
.why-words{margin-top:1rem!important}
.why-figure{margin-top:1rem}
.why-answers{width:100%;margin-top:.9rem;max-width:54rem}
.why-answers td{font-family:var(--prose);min-width:8.5rem}
.why-answers th[scope=row]{white-space:nowrap}
.why-answers th b{font-size:var(--s2)}
@media (max-width:34rem){
.why>p,.why>.controls,.why>.evidence{margin-left:0}
.evidence{min-height:37rem}
.evidence.many{min-height:44rem}
.outcome:has(~ .whys){min-height:6.5em}
.why-answers thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.why-answers tr,.why-answers th,.why-answers td{display:block;border:0;padding:.1rem 0}
.why-answers tr{border-top:1px solid var(--hair);padding:.45rem 0}
.why-answers td::before{content:attr(data-column) ' ';color:var(--quiet);font-style:italic}
}
`;

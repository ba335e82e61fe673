/** What `/frames` alone needs; it stands in that page. Streams have colours in turn, and their numbers beside them. */
export const framesCss = `
.frames-bar{display:flex;flex-wrap:wrap;gap:.4rem 1.4rem;align-items:center;margin:0 0 .6rem}
.frames-bar select{font:var(--s1)/1.2 var(--mono);color:var(--ink);background:var(--paper);border:1px solid var(--hair);border-radius:2px;min-height:2.75rem;padding:0 .6rem}
.frames-bar label{font-size:var(--s1)}
.frames-status{min-height:2.9em;max-width:none;margin:1.4rem 0 .5rem}
.flist{height:22.4rem;overflow-y:auto;overflow-x:hidden;border-block:1px solid var(--ink);font:var(--s1)/1.75rem var(--mono);font-variant-numeric:tabular-nums;overscroll-behavior:contain;contain:strict;position:relative}
.flist:focus-visible{outline-offset:1px}
.frow{display:grid;grid-template-columns:5.4rem 5.6rem 3.4rem 9.6rem 4.2rem 1fr;column-gap:.9rem;height:1.75rem;padding-right:.6rem;border-left:5px solid var(--hue,var(--hair));padding-left:.7rem;cursor:pointer;white-space:nowrap;overflow:hidden}
.frow:nth-child(even){background:color-mix(in srgb,var(--sunk) 55%,transparent)}
.frow:hover{background:var(--sunk)}
.frow[aria-selected=true]{background:var(--ink);color:var(--paper)}
.frow[aria-selected=true] *{color:inherit}
.f-time,.f-way{color:var(--quiet)}
.f-time,.f-size{text-align:right}
.f-stream{text-align:right;color:var(--hue,var(--quiet));font-weight:700}
.f-kind{color:var(--hue,var(--ink));font-weight:700}
.f-gist{overflow:hidden;text-overflow:ellipsis}
.f-flags{color:var(--quiet);font-size:.92em}
.f-own{margin-left:.7rem;font:700 .75rem/1.3 var(--prose);border:1px solid var(--hue,var(--quiet));color:var(--hue,var(--quiet));border-radius:2px;padding:0 .4rem}
.frow.of-page{border-left-width:9px;padding-left:calc(.7rem - 4px)}
.hue1{--hue:var(--h1)}.hue2{--hue:var(--h2)}.hue3{--hue:var(--h3)}.hue4{--hue:var(--accent)}.hue5{--hue:var(--ws)}.hue6{--hue:var(--good)}
.frow[aria-selected=true]{--hue:var(--accent)}
.fempty{padding:1rem;color:var(--quiet);font-family:var(--prose)}
.detail{margin-top:1.6rem;min-height:58rem}
.detail h2{min-height:1.4em;margin:0}
.detail h4{margin:0 0 .3rem;font-size:var(--s1);font-weight:700}
.detail>section{margin-top:1.8rem}
.detail>section>h3{font-size:var(--s2);font-weight:400;font-style:italic;margin-bottom:.4rem}
#detail-words{max-width:46rem;margin-top:.3rem;min-height:4.6em}
.hexparts{display:grid;grid-template-columns:minmax(0,1fr);gap:1rem;margin-top:1rem}
#hex{min-height:7.4rem}
#hex pre{margin:0;max-height:21rem;overflow:auto}
.hex-note{min-height:1.45em;margin-top:.3rem}
.parts-box{max-height:19rem;overflow:auto;border-top:1px solid var(--hair)}
.parts{width:100%}
.parts td,.parts th{padding:.2rem .9rem .2rem .3rem;vertical-align:baseline;white-space:nowrap}
.parts td.said{white-space:normal;overflow-wrap:anywhere;min-width:9rem}
.parts td.how{font-family:var(--prose);color:var(--quiet)}
.parts button.link{font:700 var(--s1)/1.4 var(--mono);min-height:1.5rem;text-decoration:none}
.parts tr.chosen{background:var(--sunk);box-shadow:inset 3px 0 var(--accent)}
.masked{color:var(--bad);font-family:var(--prose)}
.beforeafter{display:grid;grid-template-columns:1fr 1fr;gap:1.4rem;margin-top:.6rem}
.entries{list-style:none;padding:0;font:var(--s1)/1.5 var(--mono);max-width:none}
.entries li{display:grid;grid-template-columns:3rem 1fr;gap:.6rem;border-top:1px solid var(--hair);padding:.12rem 0;overflow-wrap:anywhere}
.entries .index{color:var(--quiet);text-align:right}
.entries .new{background:color-mix(in srgb,var(--good) 12%,transparent)}
.entries .new .index{color:var(--good);font-weight:700}
.entries .used .index{color:var(--accent);font-weight:700}
.beforeafter.one{grid-template-columns:1fr;max-width:46rem}
.entries .goes{text-decoration:line-through;color:var(--quiet)}
.path{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem .3rem;padding:0;max-width:none;font-size:var(--s1);align-items:end}
.path li{display:flex;align-items:end;gap:.4rem}
.path .on:not(:empty)::after{content:' →'}
.path .on{color:var(--quiet);font-style:italic}
.path .state{border:1px solid var(--hair);padding:.15rem .5rem;font-family:var(--mono)}
.path .now .state{border-color:var(--accent);color:var(--accent);font-weight:700}
.path li:last-child .state{border-width:2px}
.states{margin-top:.8rem;font-size:.75rem}
.states td,.states th{padding:.2rem .7rem .2rem .3rem;white-space:nowrap;border-top:1px solid var(--hair)}
.states thead th{font-style:italic;vertical-align:bottom;white-space:normal;min-width:4.5rem}
.states .no{color:var(--hair)}
.states tbody th{font-family:var(--mono)}
.states td:not(.went):not(.now):not(.no){color:var(--quiet)}
.states .went{font-weight:700}
.states .now{background:var(--accent);color:var(--paper);font-weight:700}
.states .here th{box-shadow:inset 3px 0 var(--accent);padding-left:.6rem}
.step{display:inline-block;min-width:1.25em;text-align:center;border:1px solid currentColor;border-radius:1em;font:700 .7rem/1.15em var(--mono);padding:0 .2em}
.windows td{text-align:right;padding-left:1rem}
.windows td.now{color:var(--accent);font-weight:700}
.windows th[scope=row]{white-space:nowrap}
.saves{display:flex;flex-wrap:wrap;gap:.6rem 1.4rem;align-items:center;margin-top:1rem}
@media (max-width:46rem){
.frow{grid-template-columns:1rem 1.4rem 6.4rem 3rem 1fr;column-gap:.45rem;padding-left:.5rem}
.f-time{display:none}
.f-way{width:1.2rem;overflow:hidden;color:transparent!important;position:relative}
.up .f-way::before,.down .f-way::before{position:absolute;left:0;color:var(--quiet)}
.up .f-way::before{content:'→'}.down .f-way::before{content:'←'}
.frow[aria-selected=true] .f-way::before{color:var(--paper)}
.beforeafter{grid-template-columns:1fr}
.parts td.how{white-space:normal;min-width:9rem}
.parts th[scope=row]{white-space:normal;min-width:5rem;max-width:8.2rem;overflow-wrap:anywhere}
.parts button.link{white-space:normal;text-align:left;overflow-wrap:anywhere}
.parts td,.parts th{padding-right:.5rem}
.frames-status{min-height:5.8em}
}
`.replaceAll('\n', '');

/** The pictures of a run on HTTP/2, and the bar that steps through them. */
export const http2Css = `
.replay{position:relative}
.replay details{margin-top:1rem}
.replay-bar{display:flex;flex-wrap:wrap;gap:.3rem .6rem;align-items:center;margin-top:1.4rem;padding:.5rem 0;border-block:1px solid var(--hair);background:var(--paper);position:sticky;top:0;z-index:3}
.replay-bar button{min-height:2.4rem;min-width:2.6rem;padding:.3em .7em;font-size:var(--s1);border-color:var(--hair);justify-content:center}
.replay-bar [data-replay=play]{min-width:4.6rem}
.replay-bar input{flex:1 1 12rem;min-width:8rem;max-width:26rem;min-height:2.4rem;margin:0;accent-color:var(--accent)}
.replay-bar output{flex:1 1 24rem;min-width:0;min-height:1.45em;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
@media (scripting:none){.replay-bar{display:none}}
.replay.stepping svg [data-at].later{opacity:.13}
.replay.stepping .hpack>.later,.replay.stepping .conversation>.later{visibility:hidden}
.replay.stepping .frame-list .later,.replay.stepping .held .later{color:var(--quiet)}
.replay.stepping .frame-list .now{background:var(--sunk);box-shadow:inset 3px 0 var(--accent)}
.replay.stepping g.now .tile{stroke:var(--ink);stroke-width:3}
.row-0{fill:var(--sunk)}
.tiles-narrow{display:none}
.sideways{overflow-x:auto;flex:1;min-width:0}
.sideways svg{display:block}
.states-picture text{font:13px var(--prose);fill:currentColor}
.states-picture .st-name{font-size:15px;font-weight:700}
.states-picture .st-words,.states-picture .st-arrow text{fill:var(--quiet)}
.st-box{fill:var(--paper);stroke:currentColor;stroke-width:1.2}
.st-part{stroke:var(--hair)}
.st-arrow path{fill:none;stroke:currentColor;stroke-width:1.4}
.st-arrow .st-head{fill:currentColor;stroke:none}
.st-arrow.unused path{stroke:var(--hair)}
.st-arrow.unused .st-head{fill:var(--hair)}
.st-arrow text{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
.states-picture .st-count{fill:var(--ink);font-weight:700}
.stepping .st-arrow.now path{stroke:var(--accent);stroke-width:3}
.stepping .st-arrow.now .st-head{fill:var(--accent)}
.states-picture .stepping .st-arrow.now text{fill:var(--accent)}
.st-token circle{fill:var(--h2);stroke:var(--h2);stroke-width:1.5}
.states-picture .st-token text{fill:var(--paper);font:700 12px var(--mono)}
.st-token.given-up.is-closed circle{stroke-dasharray:4 2.5}
.st-token.is-closed circle{fill:var(--paper)}
.states-picture .st-token.is-closed text{fill:var(--h2)}
.st-token.is-away{opacity:0}
.stepping .st-token.now circle{stroke:var(--accent);stroke-width:3.5}
@media (prefers-reduced-motion:no-preference){.stepping .st-token{transition:transform .22s ease-in-out,opacity .22s}}
.purses text{font:12px var(--prose);fill:currentColor}
.purses .pu-words{fill:var(--quiet);font-size:11px}
.purses .pu-left{font:700 12px var(--mono);fill:var(--ink)}
.pu-zero{stroke:currentColor;stroke-width:1}
.pu-top{stroke:var(--quiet);stroke-width:1;stroke-dasharray:2 3}
.pu-area{fill:var(--h2);fill-opacity:.16}
.pu-line{fill:none;stroke:var(--h2);stroke-width:1.8;stroke-linejoin:round}
.pu-hatch{stroke:var(--accent);stroke-width:1.6}
.pu-held{stroke:var(--accent);stroke-width:1}
.purses .pu-why{fill:var(--accent);font-weight:700;font-size:11px;paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
.pu-cursor{stroke:var(--accent);stroke-width:1.5;opacity:0}
.stepping .pu-cursor{opacity:1}
.held{margin-top:.6rem;max-width:52rem}
.purse-table td,.purse-table thead th+th{text-align:right}
.hpack{list-style:none;padding:0;max-width:none;margin-top:.4rem}
.hpack>li{display:grid;grid-template-columns:19rem minmax(0,1fr);column-gap:1.4rem;align-items:center;border-top:1px solid var(--hair);padding:.55rem 0}
.hpack-words{display:grid;gap:.1rem;overflow-wrap:anywhere}
.hp-wire{fill:currentColor}
.hp-cut{fill:none;stroke:var(--paper);stroke-width:3}
.hp-room{fill:var(--sunk);stroke:var(--hair)}
.hp-line{stroke-width:1.2}
.hp-kept{fill:var(--paper);stroke:var(--quiet)}
.hp-used{fill:var(--paper);stroke:var(--h2);stroke-width:1.4}
.hp-new{fill:var(--h2);stroke:var(--h2)}
.hp-dot{fill:var(--h2)}
.hp-gone{fill:none;stroke:var(--accent);stroke-dasharray:3 2}
.hp-name{font-family:var(--mono);fill:currentColor}
.hp-name.hp-new-name{fill:var(--paper)}
.hp-empty{fill:var(--quiet);font-family:var(--prose)}
.blocks td:last-child,.blocks thead th:last-child{text-align:right;padding-left:1.2rem}
.blocks .how{font-family:var(--prose);color:var(--quiet)}
.blocks tbody th{border-top:1px solid var(--ink);padding-top:.7rem}
.conversation-heads,.conversation li{display:grid;grid-template-columns:1fr 1fr;column-gap:2.4rem;max-width:46rem}
.conversation{list-style:none;padding:0;max-width:none;margin-top:.3rem}
.conversation li{margin-top:.25rem}
.conversation p{margin:0;min-width:0;overflow-wrap:anywhere;padding:.25rem .6rem;border:1px solid var(--quiet);border-radius:2px}
.conversation .client{grid-column:1;border-right-width:4px}
.conversation .server{grid-column:2;border-left-width:4px;background:var(--sunk)}
.conversation .ack{border-style:dashed}
.conversation .streams{display:block;text-align:center;padding:.15rem}
@media (max-width:64rem){.hpack>li{grid-template-columns:minmax(0,1fr);row-gap:.3rem}}
@media (max-width:44rem){
.run-figure .tiles-narrow{display:flex}
.conversation-heads,.conversation li{column-gap:.7rem}
.replay-bar{position:static}
.replay-bar [data-replay=play]{min-width:3.9rem}
.replay-bar input{flex-basis:6rem;min-width:4rem}
.states-picture text{font-size:12px}
}
`;

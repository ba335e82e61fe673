/** What `/capabilities` adds to the look of all pages. */
export const capabilitiesCss = `
.matrix{width:100%;margin-top:1rem;table-layout:fixed}
.matrix th[scope=row],.matrix thead th:first-child{font-size:var(--s1);width:9rem}
.matrix td{position:relative;padding-left:1.5em;vertical-align:baseline;font-family:var(--prose);overflow-wrap:anywhere}
.matrix thead th:not(:first-child){padding-left:1.5em}
.glyph{position:absolute;left:0;font-family:var(--mono);color:var(--ink)}
.matrix-value{display:block;font:.9rem/1.45 var(--mono);font-variant-numeric:tabular-nums}
.matrix .source{font-size:var(--s1)}
.deeds th,.deeds td:last-child{min-width:14rem}
.deeds td,.fields td{font-family:var(--prose)}
.nobody li{padding:.55rem 0}
.browser-words{min-height:3.1em}
@media (max-width:46rem){
.matrix,.matrix tbody,.matrix tr,.matrix th[scope=row],.matrix td{display:block;width:auto}
.matrix thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.matrix tr{border-top:1px solid var(--hair);padding:.6rem 0}
.matrix th[scope=row]{border:0;padding:0;font-weight:700;font-size:var(--s2)}
.matrix td{border:0;padding:.15rem 0 .15rem 1.5em}
.matrix td:not([data-host=here])::before{content:attr(data-host) ': ';color:var(--quiet);font-size:var(--s1)}
.browser-words{min-height:7.8em}
}
`;

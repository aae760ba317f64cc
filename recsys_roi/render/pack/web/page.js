"use strict";
const charts = [...document.querySelectorAll(".chart")];
for (const place of charts) {
  const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
  Plotly.newPlot(place, figure.data, figure.layout, { displayModeBar: false, responsive: true });
}
const PAPER = 640; // pixels that a chart has on A4
const onPaper = (width) => charts.forEach((place) => Plotly.relayout(place, { width, autosize: width === null }));
window.addEventListener("beforeprint", () => onPaper(PAPER));
window.addEventListener("afterprint", () => onPaper(null));
document.documentElement.dataset.drawn = String(charts.length);

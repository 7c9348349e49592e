/* Sliders look up a row of their table and show it; no number and no verdict is made here. */
(() => {
  const put = (place, html) => { if (place.innerHTML !== html) place.innerHTML = html; };
  for (const box of document.querySelectorAll(".sae-slider:not(.sae-live)")) {
    box.classList.add("sae-live");
    const rows = box.querySelectorAll("tbody tr"), marks = box.querySelectorAll("[data-point]");
    const inputs = [...box.querySelectorAll("input")];
    const lanes = rows.length / (Number(inputs[0].max) + 1);
    const show = () => {
      const at = inputs.reduce((n, input) => n * (Number(input.max) + 1) + Number(input.value), 0);
      inputs.forEach((input, n) => input.setAttribute("aria-valuetext", rows[at].cells[n].textContent));
      for (const place of box.querySelectorAll("[data-cell]")) put(place, rows[at].cells[place.dataset.cell].innerHTML);
      rows.forEach((row, n) => row.classList.toggle("sae-now", n === at));
      marks.forEach((mark, n) => {
        mark.hidden = n % lanes !== at % lanes;
        mark.classList.toggle("sae-now", n === at);
      });
    };
    const reset = () => { inputs.forEach(input => { input.value = input.defaultValue; }); show(); };
    inputs.forEach(input => input.addEventListener("input", show));
    box.querySelector("button").addEventListener("click", reset);
    box.querySelector(".sae-slider-controls").hidden = false;
    reset();
  }
})();

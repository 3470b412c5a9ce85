// Search, and a filter by state: #estado=falla&busca=anuncio. Without it the report is whole.
const form = document.getElementById("filtro");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const pieces = [...document.querySelectorAll("[data-state]")].map((node) => [node, plain(node.textContent)]);
const groups = [...document.querySelectorAll(".scenario:not([data-state]), .rule, .feature")].reverse();
const titled = new Map(groups.map((node) => [node, plain(node.querySelector("h3, h4, h5").textContent)]));

function sift() {
  const state = form.estado.value;
  const words = plain(form.busca.value).split(/\s+/).filter(Boolean);
  let count = 0;
  for (const [node, text] of pieces) {
    const above = [];
    for (let up = node.closest(".scenario, .rule, .feature"); up; up = up.parentElement.closest(".scenario, .rule, .feature")) above.push(titled.get(up) || "");
    const found = words.every((word) => text.includes(word) || above.some((title) => title.includes(word)));
    node.hidden = !(found && (!state || node.dataset.state === state));
    // An outline's row that did not pass stands twice: in its table, and told below.
    count += !node.hidden && !node.classList.contains("row");
  }
  for (const group of groups) group.hidden = !group.querySelector("[data-state]:not([hidden])");
  form.cuantos.value = state || words.length ? (count === 1 ? "1 escenario" : `${count} escenarios`) : "";
}

function fromLink() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const filters = asked.has("estado") || asked.has("busca");
  if (!filters && location.hash) { // a link to a scenario the filter hides would lead nowhere
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.closest("[hidden]")) return;
  }
  form.estado.value = asked.get("estado") || "";
  form.busca.value = asked.get("busca") || "";
  sift();
  if (filters) form.scrollIntoView();
}

function toLink() {
  const asked = new URLSearchParams();
  for (const name of ["estado", "busca"]) if (form[name].value) asked.set(name, form[name].value);
  history.replaceState(null, "", asked.size ? `#${asked}` : location.pathname + location.search);
  sift();
}

form.hidden = false;
form.addEventListener("input", toLink);
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", fromLink);
fromLink();

// Search through cards and scenarios; a link to a scenario opens what it is folded in.
const form = document.getElementById("filtro");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const items = [...document.querySelectorAll(".scenario, .cards > li")].map((node) => [node, plain(node.textContent)]);
const features = [...document.querySelectorAll(".feature")].map((node) => [node, node.open]);

function sift() {
  const words = plain(form.busca.value).split(/\s+/).filter(Boolean);
  const state = form.estado.value;
  const asked = words.length > 0 || state !== "";
  for (const [node, text] of items) {
    const found = words.every((word) => text.includes(word)) && (!state || node.classList.contains(state));
    node.hidden = !found;
  }
  for (const [node, open] of features) {
    node.hidden = !node.querySelector(".scenario:not([hidden])");
    node.open = asked || open;
  }
  const count = document.querySelectorAll(".scenario:not([hidden])").length;
  form.cuantos.value = asked ? `${count} ${count === 1 ? "escenario" : "escenarios"}` : "";
}

function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  if (target) target.scrollIntoView();
}

if (form) { // a rehearsal runs no scenario
  form.hidden = false;
  form.addEventListener("input", sift);
  form.addEventListener("submit", (event) => event.preventDefault());
}
addEventListener("hashchange", unfold);
unfold();

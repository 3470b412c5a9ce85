// Search through cards and scenarios; a link to a scenario opens what it is folded in.
const all = (what) => [...document.querySelectorAll(what)];
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const form = document.querySelector("form"); // none where no scenario ran
const features = all(".feature").map((node) => [node, node.open]);

function sift() {
  const words = plain(form.busca.value.trim()).split(/\s+/);
  const state = form.estado.value;
  for (const node of all(".scenario, .cards > li")) {
    const found = words.every((word) => plain(node.textContent).includes(word));
    node.hidden = !found || (state && !node.classList.contains(state));
  }
  for (const [node, open] of features) {
    node.hidden = !node.querySelector(".scenario:not([hidden])");
    node.open = open || form.busca.value || state;
  }
  form.cuantos.value = `Escenarios: ${all(".scenario:not([hidden])").length}`;
}

function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  if (target) target.scrollIntoView();
}

if (form) {
  form.hidden = false;
  form.addEventListener("input", sift);
  form.addEventListener("submit", (event) => event.preventDefault());
}
addEventListener("hashchange", unfold);
unfold();

const filters = document.querySelector("#filters");
const items = document.querySelectorAll("[data-phase]");
function filter() {
  for (const item of items) {
    item.hidden = [...filters.querySelectorAll("select")].some(
      (it) => it.value && !item.dataset[it.name].split(" ").includes(it.value),
    );
  }
}
function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target) target.open = true;
}
if (filters) {
  filters.hidden = false;
  filters.addEventListener("change", filter);
}
addEventListener("hashchange", unfold);
unfold();

// Without this the page shows all that it has, and has no filters.
const filters = document.querySelector("#filters");
const all = (selector, below = document) => [...below.querySelectorAll(selector)];

function fits(item, names) {
  return names.every((name) => {
    const { value } = filters.querySelector(`[name=${name}]`);
    return !value || item.dataset[name].split(" ").includes(value);
  });
}

// A group is shown for its surfaces and for those of its trials that are.
function filter() {
  for (const trial of all("li[data-phase]")) trial.hidden = !fits(trial, ["phase", "backend"]);
  const items = all("details[data-surface]");
  for (const item of items) {
    const trials = all("li[data-phase]", item);
    item.hidden = trials.length
      ? !fits(item, ["surface"]) || trials.every((trial) => trial.hidden)
      : !fits(item, ["phase", "backend", "surface"]);
  }
  const isShown = (item) => !item.hidden;
  for (const section of all("section")) section.hidden = !all("details[data-surface]", section).some(isShown);
  filters.querySelector("output").value = `${items.filter(isShown).length} of ${items.length} shown`;
}

function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  target.open = true;
  target.scrollIntoView();
}

if (filters) {
  filters.hidden = false;
  filters.addEventListener("change", filter);
  // A browser may keep what was chosen before the page was loaded again.
  filter();
}
addEventListener("hashchange", unfold);
unfold();

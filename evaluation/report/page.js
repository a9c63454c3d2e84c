// Links to a second of a recording play in the page; without this script they open the file there.

const player = document.getElementById("player");
const audio = player.querySelector("audio");
const title = player.querySelector("span");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-at]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  player.hidden = false;
  title.textContent = link.dataset.of;
  audio.src = link.href;
  audio.currentTime = Number(link.dataset.at);
  audio.play().catch(() => { title.textContent = link.dataset.of + ": this browser cannot play it from here"; });
});

for (const search of document.querySelectorAll("input[data-filters]")) {
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase();
    for (const row of document.querySelectorAll("#" + search.dataset.filters + " tbody tr")) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
  });
}

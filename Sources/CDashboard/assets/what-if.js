// The form works without this: its button asks again. With it, the answer follows the sliders.
const form = document.querySelector("form[data-what-if]");
const answer = document.getElementById("answer");
const verdict = document.getElementById("verdict");
let timer;
let asked = 0;

/** The box beside a slider says the same in numbers; either moves the other. */
for (const slider of form?.querySelectorAll("input[type=range]") ?? []) {
  const box = document.getElementById(slider.dataset.box);
  slider.hidden = false;
  slider.addEventListener("input", () => { box.value = Number(slider.value); ask(); });
  box.addEventListener("input", () => { slider.value = box.value; ask(); });
}

function ask() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const number = ++asked;
    const url = form.action.split("?")[0] + "?" + new URLSearchParams(new FormData(form));
    answer.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(url, { headers: { Accept: "text/html" } });
      if (!response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      // An older question may be answered later.
      const fresh = page.getElementById("answer");
      if (number !== asked || !fresh) return;
      const told = page.getElementById("verdict");
      verdict.textContent = told.textContent;
      verdict.className = told.className;
      const open = [...answer.querySelectorAll("details")].map((element) => element.open);
      answer.replaceChildren(...fresh.childNodes);
      answer.querySelectorAll("details").forEach((element, place) => { element.open = open[place] ?? false; });
      history.replaceState(null, "", url);
    } catch {
      // The connection was lost: the button still asks.
    } finally {
      if (number === asked) answer.removeAttribute("aria-busy");
    }
  }, 150);
}

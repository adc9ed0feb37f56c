// Copies examples, and sends those that only read.
const status = document.getElementById("status");
const say = (text) => { if (status) status.textContent = text; };

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text);
      say("Copied.");
      button.textContent = "Copied";
    } catch {
      say("The browser does not allow copying here; select the text instead.");
    }
  });
}

for (const form of document.querySelectorAll("form[data-try]")) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = new FormData(form);
    const query = new URLSearchParams();
    let path = form.dataset.try;
    for (const [name, value] of values) {
      if (path.includes(`{${name}}`)) path = path.replace(`{${name}}`, encodeURIComponent(value));
      else if (value !== "") query.set(name, value);
    }
    const output = form.querySelector("output");
    output.textContent = "…";
    try {
      const response = await fetch(path + (query.size ? `?${query}` : ""), { headers: { Accept: "application/json" } });
      const body = await response.text();
      let text = body;
      try { text = JSON.stringify(JSON.parse(body), null, 2); } catch { /* it is not JSON */ }
      output.textContent = `${response.status} ${response.statusText}\n${text.slice(0, 20000)}`;
    } catch (error) {
      output.textContent = `No answer: ${error.message}`;
    }
  });
}

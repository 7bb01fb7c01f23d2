/*
Many pictures to the library, each sent by itself, with its progress and what became of it.

<form id="upload_form" data-send data-describe data-megabytes>   works without this too: then all go with the form
*/

const form = document.getElementById("upload_form");
const files = form?.querySelector("input[type=file]");

const plural = (count, one, many) => (count === 1 ? one : many.replace("#", count));

const send = (file, onProgress) =>
  new Promise((resolve) => {
    const data = new FormData(form);
    data.delete("file");
    data.append("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.send);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      let said = {};
      try {
        said = JSON.parse(request.responseText);
      } catch {
        // an error page, or that of signing in
      }
      if (request.status === 201) resolve({ id: said.id });
      else resolve({ error: said.error ?? `The site answered with ${request.status}. Sign in anew in another tab, then try again.` });
    });
    request.addEventListener("error", () => resolve({ error: "The connection broke off. Try again." }));
    request.send(data);
  });

if (form && files) {
  form.querySelector("[data-without-script]")?.remove();
  const list = document.createElement("ul");
  const outcome = document.createElement("div");
  list.className = "sending";
  outcome.setAttribute("role", "status");
  form.after(outcome, list);
  let isSending = false;
  const ids = [];

  addEventListener("beforeunload", (event) => {
    if (isSending) event.preventDefault();
  });

  form.addEventListener("submit", async (event) => {
    if (!files.files.length) return;
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    list.replaceChildren();
    const chosen = [...files.files];
    let refused = 0;
    let done = 0;
    outcome.textContent = plural(chosen.length, "Sending one picture.", "Sending # pictures.");
    for (const file of chosen) {
      const item = document.createElement("li");
      const name = document.createElement("span");
      const bar = document.createElement("progress");
      const said = document.createElement("span");
      name.textContent = file.name;
      said.className = "said";
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      item.append(name, " ", bar, " ", said);
      list.append(item);
      // What is too large is not sent only to be refused.
      const answer =
        file.size > form.dataset.megabytes * 1048576
          ? { error: `The picture has ${Math.round(file.size / 1048576)} MB; at most ${form.dataset.megabytes} MB are taken. Save it smaller.` }
          : await send(file, (share) => { bar.value = share; });
      done += 1;
      bar.remove();
      if (answer.error) {
        refused += 1;
        item.className = "is-refused";
        said.textContent = `Not taken. ${answer.error}`;
      } else {
        ids.push(answer.id);
        said.textContent = "In the library.";
      }
      outcome.textContent = `${done} of ${chosen.length} sent.`;
    }
    isSending = false;
    button.disabled = false;
    files.value = "";
    const next = ids.length ? `${form.dataset.describe}?ids=${ids.join(",")}` : "";
    if (!refused && next) {
      location.assign(next);
      return;
    }
    outcome.textContent = `${plural(refused, "One picture was not taken; the reason stands beside it.", "# pictures were not taken; the reasons stand beside them.")} `;
    if (next) {
      const link = document.createElement("a");
      link.href = next;
      link.className = "button";
      link.textContent = plural(ids.length, "Describe the one that was", "Describe the # that were");
      outcome.append(link);
    }
  });
}

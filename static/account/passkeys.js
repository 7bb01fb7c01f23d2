// Shows what needs passkeys only where the browser has them, and says so when one was not used.
// allauth's own scripts do the rest; they tell of a failure by the event "allauth.error".
if (window.PublicKeyCredential) {
  for (const element of document.querySelectorAll("[data-needs-passkeys]")) element.hidden = false;
}
const problem = document.querySelector("[data-passkey-problem]");
document.addEventListener("allauth.error", () => {
  if (problem) problem.hidden = false;
});
for (const button of document.querySelectorAll("[data-needs-passkeys]")) {
  button.addEventListener("click", () => {
    if (problem) problem.hidden = true;
  });
}

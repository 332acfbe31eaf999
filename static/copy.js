// A button that copies what stands in a field. Without it the field is there to be selected.

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    const says = document.querySelector("[data-copied]");
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      says.textContent = "The link is copied.";
    } catch {
      says.textContent = "It could not be copied. The link is selected: copy it from there.";
    }
  });
}

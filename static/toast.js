// A line over the tabs, for a while: what is well, and nobody needs to do anything about.
export function toast(sentence) {
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = sentence;
  document.getElementById("notice").append(line);
  setTimeout(() => line.remove(), 10_000);
}

// The orchestrator answers with a JSON string that holds the handler's reply: it is read twice.
document.getElementById("greet").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = document.getElementById("answer");
  const name = new FormData(event.target).get("name");
  try {
    const response = await fetch("/demo/api/greet?name=" + encodeURIComponent(name));
    const outer = await response.json();
    if (!response.ok) throw new Error(outer.error || response.statusText);
    const reply = typeof outer === "string" ? JSON.parse(outer) : outer;
    answer.textContent = JSON.parse(reply.body).greeting;
  } catch (error) {
    answer.textContent = "No answer: " + error.message;
  }
});

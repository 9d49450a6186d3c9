// Loads this page again when something was deployed since it was served.
(() => {
  const since = document.currentScript.dataset.since;
  new EventSource("/~events?since=" + since).addEventListener("change", () => location.reload());
})();

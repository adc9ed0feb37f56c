// Says that there is something new, and shows it when asked to: nothing moves under the reader's eyes.
const news = document.getElementById("news");
if (news) {
  const seen = news.dataset.position;
  const source = new EventSource("/ui/live");
  source.addEventListener("position", (event) => {
    if (event.data === seen || !news.hidden) return;
    news.hidden = false;
  });
  source.addEventListener("signed-out", () => source.close());
  // A page that is put aside holds no connection.
  addEventListener("pagehide", () => source.close());
  news.querySelector("button").addEventListener("click", () => location.reload());
}

// Enhancements only: every page works without this file.
(function () {
  "use strict";

  // "None of these" and the other answers put each other out. The server checks it again.
  document.addEventListener("change", function (event) {
    var box = event.target;
    if (!box.matches("input[type=checkbox]") || !box.checked) return;
    var question = box.closest("fieldset");
    if (!question) return;
    var alone = box.hasAttribute("data-alone");
    question.querySelectorAll("input[type=checkbox]").forEach(function (other) {
      if (other !== box && (alone || other.hasAttribute("data-alone"))) other.checked = false;
    });
  });

  // A swapped page is a new page: its errors, or else its heading, get the focus.
  function settle() {
    var main = document.getElementById("main");
    if (!main) return;
    var target = main.querySelector("[data-errors]") || main.querySelector("h1");
    if (target) target.focus({ preventScroll: true });
    reveal();
  }
  // Whatever comes back, a part or a whole page with a fault on it, its main part takes the place of ours.
  document.addEventListener("htmx:beforeSwap", function (event) {
    event.detail.target = document.getElementById("main");
    event.detail.selectOverride = "#main";
    event.detail.swapOverride = "outerHTML show:window:top";
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.target.id === "main") settle();
  });

  // htmx notes the page's address in the session's storage, and the address is the answers: nothing is to stay.
  // It has no need of the note, for it keeps no copies of pages.
  function leaveNothing() {
    try {
      sessionStorage.removeItem("htmx-current-path-for-history");
    } catch (error) {
      // Storage is closed, as with cookies blocked: then there is nothing in it.
    }
  }
  document.addEventListener("htmx:pushedIntoHistory", leaveNothing);

  // A page that the back button brought is as new as any.
  document.addEventListener("htmx:historyRestore", function () {
    leaveNothing();
    reveal();
  });

  // When the network is gone, say so where the thumb is.
  ["htmx:sendError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, function () {
      var words = document.querySelector("[data-net-error]");
      if (words) words.textContent = "We could not reach the site. Your answers are still here. Check your connection and try again.";
    });
  });
  document.addEventListener("htmx:beforeRequest", function () {
    var words = document.querySelector("[data-net-error]");
    if (words) words.textContent = "";
  });

  // Print and copy need a script, so they are shown by one.
  function reveal() {
    document.querySelectorAll("[data-print]").forEach(function (button) {
      button.hidden = false;
    });
    document.querySelectorAll("[data-copy]").forEach(function (button) {
      button.hidden = !navigator.clipboard;
    });
    document.querySelectorAll("[data-share]").forEach(function (field) {
      field.value = new URL(field.value, location.href).href;
    });
  }
  document.addEventListener("click", function (event) {
    if (!event.target.closest) return;
    if (event.target.closest("[data-print]")) window.print();
    var copy = event.target.closest("[data-copy]");
    if (copy) {
      var field = document.getElementById(copy.getAttribute("data-copy"));
      navigator.clipboard.writeText(field.value).then(function () {
        copy.textContent = "Copied";
      });
    }
  });

  // Paper shows what is folded away on the screen.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (fold) { fold.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (fold) { fold.open = false; });
  });

  var errors = document.querySelector("[data-errors]");
  if (errors) errors.focus();
  leaveNothing();
  reveal();
})();

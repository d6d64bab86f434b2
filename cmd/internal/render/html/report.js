"use strict";
(function () {
  var form = document.getElementById("filter");
  // What is folded away is printed all the same.
  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    folded.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () {
    folded.forEach(function (d) { d.open = false; });
  });
  if (!form) return;

  var query = document.getElementById("query");
  var shown = document.getElementById("shown");
  var boxes = Array.prototype.slice.call(form.querySelectorAll("input[name=verdict]"));
  var items = Array.prototype.slice.call(document.querySelectorAll("[data-item]")).map(function (e) {
    return {
      element: e,
      text: e.textContent.toLowerCase(),
      verdicts: (e.getAttribute("data-verdicts") || "").split(" ").filter(Boolean)
    };
  });
  var tables = Array.prototype.slice.call(document.querySelectorAll("[data-table]"));

  function apply() {
    var words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    var picked = boxes.filter(function (b) { return b.checked; }).map(function (b) { return b.value; });
    var count = 0;
    items.forEach(function (item) {
      var fits = item.verdicts.length === 0 || picked.length === boxes.length ||
        item.verdicts.some(function (v) { return picked.indexOf(v) >= 0; });
      fits = fits && words.every(function (w) { return item.text.indexOf(w) >= 0; });
      item.element.hidden = !fits;
      if (fits) count++;
    });
    tables.forEach(function (t) {
      t.parentNode.hidden = !t.querySelector("tbody tr:not([hidden])");
    });
    shown.textContent = count === items.length ? "" : count + " of " + items.length + " entries shown";
  }

  var waiting = 0;
  query.addEventListener("input", function () {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 80);
  });
  form.addEventListener("change", apply);
  form.addEventListener("submit", function (e) { e.preventDefault(); apply(); });
  form.addEventListener("reset", function () { setTimeout(apply, 0); });
  form.addEventListener("keydown", function (e) {
    if (e.key === "Escape") { form.reset(); }
  });
  // A link to what the filter hides shows it.
  window.addEventListener("hashchange", function () {
    var to = document.getElementById(location.hash.slice(1));
    if (to && to.closest("[hidden]")) { form.reset(); setTimeout(function () { to.scrollIntoView(); }, 10); }
  });
  form.hidden = false;
  apply();
})();

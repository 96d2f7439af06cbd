// Runs before the first paint: the chosen scheme, and the mark that scripts work.
(function () {
  var root = document.documentElement;
  root.dataset.js = "";
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch (blocked) {
    // Storage can be switched off: the system's scheme is used.
  }
})();

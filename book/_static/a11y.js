// Names that differ from what is seen, and regions without a name: both are put right here because
// the theme makes these elements with JavaScript, or gives no other way to change them.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll(".search-button-field")) button.removeAttribute("aria-label");
  for (const icon of document.querySelectorAll(".theme-switch-button > *")) {
    icon.setAttribute("aria-hidden", "true");
    icon.removeAttribute("title");
  }
  for (const fold of document.querySelectorAll(".bd-sidebar-primary details > summary")) {
    const link = fold.closest("li")?.querySelector("a");
    fold.setAttribute("aria-label", link ? `Pages under: ${link.textContent}` : "More pages");
  }
  const sidebar = document.querySelector(".bd-sidebar-primary");
  if (sidebar) {
    sidebar.setAttribute("role", "navigation");
    sidebar.setAttribute("aria-label", "Book");
  }
});

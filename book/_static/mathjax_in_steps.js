// Formulas are set a few at a time, so that a page with hundreds of them answers to the reader meanwhile.
// MathJax.startup.promise is kept when all are set.
"use strict";

{
  const AT_ONCE = 6;
  const pause = () => new Promise((go_on) => setTimeout(go_on));
  window.MathJax ??= {};
  window.MathJax.startup = {
    ...window.MathJax.startup,
    async pageReady() {
      const formulas = [...document.querySelectorAll(".math")];
      for (let i = 0; i < formulas.length; i += AT_ONCE) {
        await pause();
        await window.MathJax.typesetPromise(formulas.slice(i, i + AT_ONCE));
      }
    },
  };
}

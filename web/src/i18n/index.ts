/** The texts of the page, in the language of the reader. */
export { chooseLanguage, completeTexts, language, onLanguage, preferLanguage, startLanguage, t } from "./current.js";
export { languages } from "./languages.js";
export { formatAmount, formatBytes, formatSpan, formatTime } from "./units.js";

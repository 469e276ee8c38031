import type { Branding } from "./branding.js";
import { chooseLanguage, language, languages, t } from "../i18n/index.js";
import { useVersion } from "../shared/server.js";
import { chosenTheme, chooseTheme, type Theme, themes } from "./theme.js";
import { Mark } from "../ui/mark.js";

interface Props {
  readonly branding: Branding;
}

export function Top({ branding: { name, logo } }: Props) {
  return (
    <header class="top">
      <a class="brand" href="/">
        {logo ? <img src={logo} alt="" /> : <Mark />}
        {name ?? t("common.name")}
      </a>
      <nav>
        <a href="/mine">{t("common.mine")}</a>
      </nav>
    </header>
  );
}

export function Footer({ branding: { text, links } }: Props) {
  const version = useVersion();
  return (
    <footer class="foot">
      {text && <p>{text}</p>}
      <details>
        <summary>{t("common.how")}</summary>
        <p>{t("common.how_seal")}</p>
        <p>{t("common.how_read")}</p>
        <p>{t("common.how_look")}</p>
      </details>
      <div class="row">
        <Picker
          label={t("common.language")}
          value={language()}
          options={Object.entries(languages).map(([tag, { name }]) => [tag, name])}
          onPick={(tag) => void chooseLanguage(tag)}
        />
        <Picker
          label={t("common.theme")}
          value={chosenTheme()}
          options={themes.map((theme) => [theme, t(`common.theme_${theme}`)])}
          onPick={(theme) => chooseTheme(theme as Theme)}
        />
        {links.map(({ label, href }) => (
          <a key={href} href={href} rel="noopener">
            {label}
          </a>
        ))}
        <a href="https://github.com/secretsharer/secretsharer">{t("common.source")}</a>
        <a href="/licenses.txt">{t("common.licenses")}</a>
        {version && <span>{t("common.version", { version })}</span>}
      </div>
    </footer>
  );
}

interface PickerProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, name: string])[];
  readonly onPick: (value: string) => void;
}

function Picker({ label, value, options, onPick }: PickerProps) {
  return (
    <label class="picker">
      <span>{label}</span>
      <select value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

import { useEffect, useState } from "preact/hooks";
import { type Branding, loadBranding } from "./branding.js";
import CreateScreen from "../screens/create/index.js";
import { takeFragment, takeOpened } from "./fragment.js";
import { completeTexts, onLanguage, t } from "../i18n/index.js";
import { parts, screenOf } from "./route.js";
import { Footer, Top } from "./shell.js";
import { onAnnounce } from "../ui/announce.js";
import { lazy } from "../ui/lazy.js";

const OpenScreen = lazy(() => withTexts(parts.open()), Looking);
const ManageScreen = lazy(() => withTexts(parts.manage()));
const MineScreen = lazy(() => withTexts(parts.mine()));

async function withTexts<Module>(module: Promise<Module>): Promise<Module> {
  const [loaded] = await Promise.all([module, completeTexts()]);
  return loaded;
}

/** The whole page. */
export function App() {
  const [link, setLink] = useState(() => ({ text: takeOpened(), count: 0 }));
  const [branding, setBranding] = useState<Branding>({ links: [] });
  const [, setTurn] = useState(0);
  const [said, setSaid] = useState({ text: "", count: 0 });

  useEffect(() => {
    onLanguage(() => setTurn((turn) => turn + 1));
    void loadBranding().then(setBranding);
    onAnnounce((text) => setSaid(({ count }) => ({ text, count: count + 1 })));
    // A link pasted over the address of this page loads nothing new: it only changes the fragment.
    const changed = (): void => {
      if (location.hash !== "") {
        setLink(({ count }) => ({ text: takeFragment(), count: count + 1 }));
      }
    };
    const drop = (): void => setLink(({ count }) => ({ text: location.origin + location.pathname, count }));
    addEventListener("hashchange", changed);
    addEventListener("pagehide", drop);
    return () => {
      removeEventListener("hashchange", changed);
      removeEventListener("pagehide", drop);
    };
  }, []);

  useEffect(() => {
    document.title = branding.name ?? t("common.name");
  });

  return (
    <>
      <Top branding={branding} />
      <main key={link.count}>
        <Current text={link.text} />
      </main>
      <Footer branding={branding} />
      <div class="unseen" role="status">
        <span key={said.count}>{said.text}</span>
      </div>
    </>
  );
}

/** What the open screen begins with, so that it changes nothing when it arrives. */
function Looking() {
  return (
    <>
      <h1>{t("open.looking.title")}</h1>
      <p class="lead">{t("common.lead")}</p>
    </>
  );
}

function Current({ text }: { readonly text: string }) {
  switch (screenOf(new URL(text).pathname)) {
    case "open":
      return <OpenScreen text={text} />;
    case "manage":
      return <ManageScreen text={text} />;
    case "mine":
      return <MineScreen />;
    default:
      return <CreateScreen />;
  }
}

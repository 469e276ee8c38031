import { useEffect, useState } from "preact/hooks";
import { completeTexts, onLanguage, t } from "../i18n/index.js";
import CreateScreen from "../screens/create/index.js";
import { onAnnounce } from "../ui/announce.js";
import { lazy } from "../ui/lazy.js";
import { type Branding, loadBranding } from "./branding.js";
import { takeFirst, takeFragment } from "./fragment.js";
import { load, screenOf } from "./route.js";
import { Footer, Top } from "./shell.js";

const OpenScreen = lazy(() => withTexts(load.open()), Looking);
const ManageScreen = lazy(() => withTexts(load.manage()));
const MineScreen = lazy(() => withTexts(load.mine()));

async function withTexts<Module>(module: Promise<Module>): Promise<Module> {
  const [loaded] = await Promise.all([module, completeTexts()]);
  return loaded;
}

/** The whole page. */
export function App() {
  const [link, setLink] = useState(() => ({ text: takeFirst(), count: 0 }));
  const [branding, setBranding] = useState<Branding>({ links: [] });
  const [, redraw] = useState(0);
  const [announced, setAnnounced] = useState({ text: "", count: 0 });

  useEffect(() => {
    onLanguage(() => redraw((count) => count + 1));
    void loadBranding().then(setBranding);
    onAnnounce((text) => setAnnounced(({ count }) => ({ text, count: count + 1 })));
    // A link pasted into the address bar of this page does not load it again: only the fragment changes.
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
        <span key={announced.count}>{announced.text}</span>
      </div>
    </>
  );
}

/** The first state of the open screen, shown while it loads. */
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
      return <OpenScreen text={text} Manage={ManageScreen} />;
    case "manage":
      return <ManageScreen text={text} />;
    case "mine":
      return <MineScreen Manage={ManageScreen} />;
    default:
      return <CreateScreen />;
  }
}

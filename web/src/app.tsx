import { useEffect, useState } from "preact/hooks";
import CreateScreen from "./create/index.js";
import { takeFragment } from "./fragment.js";
import { onLanguage, t } from "./i18n/index.js";
import { screenOf } from "./route.js";
import { Footer, Top } from "./shell.js";
import { onAnnounce } from "./ui/announce.js";
import { lazy } from "./ui/lazy.js";

const OpenScreen = lazy(() => import("./open/index.js"));
const ManageScreen = lazy(() => import("./manage/index.js"));
const MineScreen = lazy(() => import("./mine/index.js"));

/** The whole page. Opened is the address that it was opened with, fragment included. */
export function App({ opened }: { readonly opened: string }) {
  const [link, setLink] = useState({ text: opened, count: 0 });
  const [, setTurn] = useState(0);
  const [said, setSaid] = useState({ text: "", count: 0 });

  useEffect(() => {
    onLanguage(() => setTurn((turn) => turn + 1));
    onAnnounce((text) => setSaid(({ count }) => ({ text, count: count + 1 })));
    // A link pasted over the address of this page loads nothing new: it only changes the fragment.
    const changed = (): void => {
      if (location.hash !== "") {
        setLink(({ count }) => ({ text: takeFragment(), count: count + 1 }));
      }
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);

  useEffect(() => {
    document.title = t("common.name");
  });

  return (
    <>
      <Top />
      <main key={link.count}>
        <Current text={link.text} />
      </main>
      <Footer />
      <div class="unseen" role="status">
        <span key={said.count}>{said.text}</span>
      </div>
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

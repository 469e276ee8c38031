export default function MineScreen() {
  return <p />;
}

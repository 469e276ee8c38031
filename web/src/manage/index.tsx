export default function ManageScreen({ text }: { readonly text: string }) {
  return <p>{text.length}</p>;
}

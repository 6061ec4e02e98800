// Lets someone choose a picture instead of the camera; gives its text, or nothing if there is no code in it.
export function offerPicture(label, reader, found) {
  label.hidden = false;
  label.addEventListener("change", async ({ target }) => {
    const picture = target.files[0] && (await createImageBitmap(target.files[0]).catch(() => null));
    await found(picture && (await reader.read(picture)));
    target.value = "";
  });
}

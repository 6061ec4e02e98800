import io

import pytest
from PIL import Image

from tests.journeys.browsing import browse
from tests.journeys.places import PLACES, Scene


@pytest.mark.parametrize("language,scheme", [("ru", "light"), ("en", "dark"), ("zh", "light")])
def test_contact(browser, city, language, scheme):
    with browse(browser, city) as browsing:
        browsing.expect(".")
        scene = Scene(browsing, language); shot=set()
        phones, desks = [], []
        for name, way in PLACES.items():
            page = way(scene)
            page.emulate_media(color_scheme=scheme); small=page.viewport_size["width"]<500; page.set_viewport_size({"width":1440,"height":900})
            page.wait_for_timeout(350)
            im = Image.open(io.BytesIO(page.screenshot(full_page=False))).convert("RGB")
            (small and page.set_viewport_size({"width":390,"height":844})); (phones if im.width < 500 else desks).append((name, im))
        for kind, ims, (w, h), cols in (("phone", phones, (312, 675), 6), ("desk", desks, (720, 450), 2)):
            for part in range(0, len(ims), 12 if kind == "phone" else 6):
                chunk = ims[part : part + (12 if kind == "phone" else 6)]
                sheet = Image.new("RGB", (cols * (w + 8), -(-len(chunk) // cols) * (h + 8)), (200, 60, 60))
                for i, (n, im) in enumerate(chunk):
                    im.thumbnail((w, h), Image.LANCZOS)
                    sheet.paste(im, ((i % cols) * (w + 8), (i // cols) * (h + 8)))
                sheet.save(f"/tmp/wide-{language}-{scheme}-{kind}-{part}.png")

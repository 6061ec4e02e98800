"""The kit for all faces: layouts, macros, styles, drawings, guards, live updates.

It owns how pages look and what every answer carries. It knows no person and no payment: who is asking it learns from the
`Doorkeeper` that `people` fills. It imports `base` only.

How a part adds a page:

    # haihe/people/pages.py
    @get("/me")
    async def me(
        request: Request[Any, Any, Any], renderer: Renderer, viewer: Viewer, people: Service[People]
    ) -> Response[str]:
        return renderer.page(request, "people/me.html", profile=await people.profile(viewer))

    # haihe/people/templates/me.html
    {% extends "web/citizen.html" %}
    {% from "web/macros.html" import card, row %}
    {% block title %}{{ _("Me") }}{% endblock %}
    {% block main %}
    {% call card(_("Profile")) %}<p>{{ profile.name }}</p>{% endcall %}
    {% endblock %}

    # what the part exposes and app.py collects
    Part("people", handlers=(me,), templates=Path(__file__).parent / "templates", dependencies={"people": people})

Handlers ask by name for `renderer`, `viewer`, `viewer_or_none`, `staff`, `lang`, `leaving` and for every part's services,
these as `people: Service[People]` (`part.Service`). Annotations are read at run time. Handlers of the JSON API say `include_in_schema=True` and `guards=[signed_in]`; they raise
`Refusal`s, which become problem+json there and error pages elsewhere. Forms: see `forms`; streams: see `sse`; in a form that
posts write `{{ csrf }}`. After a form has done its work answer with `Redirect(own_path(next), status_code=303)`.

Addresses that the layouts link to: / · /scan · /history · /me · /top-up · /register · /sign-in?next=… · /console/sign-in.
"""

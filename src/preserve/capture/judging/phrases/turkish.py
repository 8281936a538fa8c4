"""What pages say in Turkish; how it is written and read stands in the package."""

TEXT: dict[str, tuple[str, ...]] = {
    "geo": (
        "bu (?:internet )?sites?i.{0,60}erişime engellenmiştir.{0,60}",
        "erişim engeli",
    ),
}

TITLE: dict[str, tuple[str, ...]] = {
    "geo": ("erişim (?:engellendi|engeli)",),
}

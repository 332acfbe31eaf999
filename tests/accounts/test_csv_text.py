"""A file in an older alphabet is read as it was meant or refused with its row: a name is never guessed."""

import pytest

from workflows.people.csv_text import NotReadable, table_of

NAMES = [
    *("Chloé", "Zoë Müller", "José", "CHLOÉ", "Jörg Day", "Siobhan O’Brien", "François", "Søren Ågård", "María Peña"),
    *("Łukasz Wróbel", "Zbigniew Świątek", "Ćosić", "Nikoliš", "Žan Novák", "Øystein", "Şahin", "Yıldız", "Hélène"),
    *("Éanna Ó Briain", "Strauß", "Anaïs", "Renée Çelik", "Иван", "Ελένη", "山田", "Logiq® E10", "Ward 3 – East"),
]
READ = {  # of these the spreadsheet's own alphabet is known again
    "cp1252": ("Chloé", "Zoë Müller", "José", "CHLOÉ", "Jörg Day", "Siobhan O’Brien", "François", "Strauß"),
    "cp1250": ("Chloé", "Łukasz Wróbel", "Zbigniew Świątek", "Zoë Müller"),
    "mac_roman": ("Chloé", "José", "Zoë Müller", "Éanna Ó Briain"),
    **dict.fromkeys(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"), NAMES),
}
OTHER = ("cp1254", "cp850", "cp437", "iso8859_1", "iso8859_2", "iso8859_15", "cp1251", "cp1253", "shift_jis", "gbk")


@pytest.mark.parametrize("encoding", [*READ, *OTHER])
def test_no_name_is_read_as_another(encoding):
    for name in NAMES:
        try:
            content = f"email,name\r\nann@x.uk,Ann\r\nkim@x.uk,{name}\r\n".encode(encoding)
        except UnicodeEncodeError:
            continue
        try:
            assert table_of(content)[2][1] == name
        except NotReadable as no:
            assert str(no).startswith("Row 3 "), (name, no)
            assert name not in READ.get(encoding, ()), (name, no)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("email,name\na@x.uk,Hélène\n".encode("cp1252"), "Row 2 may say “Hélène” or “Hélčne”"),
        ("email,name\na@x.uk,Zoë\n".encode() + "b@x.uk,Chloé\n".encode("cp1252"), "Row 3 holds letters"),
        (b"email\n\x00\x01\x02", "The file is not text."),
    ],
)
def test_a_doubtful_file_names_its_row_and_says_how_to_save_it(content, says):
    with pytest.raises(NotReadable, match=says) as no:
        table_of(content)
    assert "Save it as CSV UTF-8" in str(no.value)

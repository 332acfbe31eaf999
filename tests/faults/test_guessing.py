"""Somebody guesses passwords on the wire, as many at once as they can: few are heard, nobody else is refused."""

from __future__ import annotations

import http.client
import re
import threading
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

from scripts.demo_server import serve
from tests.cast import PASSWORD
from tests.faults.ground import rounds
from workflows.accounts import throttle

HOSPITAL, ELSEWHERE = "198.51.100.7", "203.0.113.5"
AMARA, TOM, MEI = "amara@example.test", "tom@example.test", "mei@example.test"


class Door:
    """A browser at the sign-in page, behind a proxy that says where it is."""

    def __init__(self, address: str, place: str):
        self.address, self.place, self.cookies = address, place, {}
        _, page = self._ask("GET", "/sign-in")
        self.token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)

    def sign_in(self, email: str, password: str = PASSWORD) -> int:
        body = urllib.parse.urlencode({"email": email, "password": password, "csrf_token": self.token})
        return self._ask("POST", "/sign-in", body)[0]

    def again(self) -> Door:
        """The same browser after signing out and coming back."""
        other = Door(self.address, self.place)
        other.cookies |= {name: value for name, value in self.cookies.items() if "device" in name}
        return other

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": self.place}
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("set-cookie") or []:
                name, _, value = cookie.partition(";")[0].partition("=")
                if method == "GET" or "device" in name:
                    self.cookies[name] = value
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def test_who_guesses_as_fast_as_they_can_is_heard_ten_times_and_keeps_nobody_out(ground):
    phone = ground.phone(ground.cast.amara)
    with serve(ground.env | {"TRUST_PROXY": "1"}) as server:
        address = server.url.removeprefix("http://")
        owner, guesser = Door(address, HOSPITAL), Door(address, HOSPITAL)
        assert owner.sign_in(AMARA) == 303
        with ThreadPoolExecutor(50) as crowd:
            codes = list(crowd.map(lambda number: guesser.sign_in(AMARA, f"guess {number}"), range(rounds(40, 100))))
        assert set(codes) <= {422, 429, 503}
        while (code := guesser.sign_in(AMARA, "wrong")) != 429:  # who was asked to come back had not tried
            codes.append(code)
        assert codes.count(422) == throttle.MOST
        assert owner.again().sign_in(AMARA) == 303, "with the browser that was used before"
        assert Door(address, ELSEWHERE).sign_in(AMARA) == 303
        assert Door(address, HOSPITAL).sign_in(TOM) == 303

        over = threading.Event()

        def spray(number: int) -> None:
            tries = 0
            while not over.is_set():
                tries += 1
                guesser.sign_in(f"{number}-{tries}@example.test", "wrong")

        with ThreadPoolExecutor(12) as crowd:
            for number in range(12):
                crowd.submit(spray, number)
            try:
                for _ in range(rounds(2, 4)):
                    assert Door(address, ELSEWHERE).sign_in(MEI) == 303
                    assert owner.again().sign_in(AMARA) == 303
                    assert phone.log(ground.cast.ravi)[1] == 201, "nobody is kept from saving"
            finally:
                over.set()
        assert Door(address, HOSPITAL).sign_in(TOM) == 303
        refusals = [line for line in server.lines if "refused: " in line]
        assert any("too many tries" in line and HOSPITAL in line for line in refusals), server.log[-2000:]

"""A distribution as a line for pip, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.direct_url import ArchiveInfo, DirectUrl, DirInfo, VcsInfo
from packaging.requirements import Requirement

from safeinstall.state import requirement
from safeinstall.state.nouns import Distribution

SHA = "a" * 64
EDITABLE = DirectUrl(url="file:///srv/a%20b/six", dir_info=DirInfo(editable=True))
EXACT = {
    "six==1.16.0": None,
    "six @ git+https://git.example/six@0123abc": DirectUrl(
        url="https://git.example/six", vcs_info=VcsInfo(vcs="git", commit_id="0123abc")
    ),
    "six @ git+ssh://git@git.example/six@0123abc#subdirectory=py": DirectUrl(
        url="ssh://git@git.example/six",
        vcs_info=VcsInfo(vcs="git", commit_id="0123abc", requested_revision="main"),
        subdirectory="py",
    ),
    f"six @ https://files.example/six-1.16.0-py3-none-any.whl#sha256={SHA}": DirectUrl(
        url="https://files.example/six-1.16.0-py3-none-any.whl",
        archive_info=ArchiveInfo(hashes={"md5": "b", "sha256": SHA}),
    ),
    "six @ https://files.example/six.tar.gz#sha512=c&subdirectory=py": DirectUrl(
        url="https://files.example/six.tar.gz",
        archive_info=ArchiveInfo(hashes={"sha512": "c"}),
        subdirectory="py",
    ),
    "six @ file:///srv/a%20b/six-1.16.0-py3-none-any.whl": DirectUrl(
        url="file:///srv/a%20b/six-1.16.0-py3-none-any.whl", archive_info=ArchiveInfo()
    ),
    "six @ file:///srv/six": DirectUrl(url="file:///srv/six", dir_info=DirInfo()),
    "git+file:///srv/six@0123abc#egg=six&subdirectory=py": DirectUrl(
        url="file:///srv/six",
        vcs_info=VcsInfo(vcs="git", commit_id="0123abc"),
        subdirectory="py",
    ),
    "-e '/srv/a b/six'": EDITABLE,
}


@pytest.mark.parametrize("line", EXACT)
def test_what_is_installed(line: str) -> None:
    assert requirement.exact(Distribution("six", "1.16.0", origin=EXACT[line])) == line


def test_what_was_asked_for() -> None:
    found = Distribution("six", "1.16.0", spec=">=1.15,<2", extras=("a", "b"))
    assert requirement.asked(found) == "six[a,b]>=1.15,<2"
    assert requirement.exact(found) == "six==1.16.0"
    assert requirement.asked(found.replace(origin=EDITABLE)) == "-e '/srv/a b/six[a,b]'"


WORDS = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
ORIGINS = st.one_of(
    st.none(),
    st.builds(
        lambda at, commit, below: DirectUrl(
            url=f"https://git.example/{at}",
            vcs_info=VcsInfo(vcs="git", commit_id=commit),
            subdirectory=below,
        ),
        WORDS,
        WORDS,
        st.none() | WORDS,
    ),
    st.builds(
        lambda at: DirectUrl(
            url=f"https://files.example/{at}.whl", archive_info=ArchiveInfo(hashes={"sha256": SHA})
        ),
        WORDS,
    ),
)


@given(WORDS, st.lists(WORDS, unique=True, max_size=2), ORIGINS)
def test_pip_reads_what_is_written(name: str, extras: list[str], origin: DirectUrl | None) -> None:
    found = Distribution(name, "1.0", extras=tuple(extras), origin=origin)
    for line in (requirement.exact(found), requirement.asked(found)):
        read = Requirement(line)
        assert read.name == name
        assert (read.url is None) == (origin is None)
        if origin is not None:
            assert origin.url in str(read.url)
    assert Requirement(requirement.asked(found)).extras == set(extras)

# `aster crunch DIR`: the same files give the same code, which compiles and knows what is there and what is not.
. "$(dirname "$0")/begin.sh"

mkdir -p site/css 'site/new folder' site/.git
yes 'p { margin: 0 }' | head -n 300 >site/css/style.css
echo '<p>Hello' >site/index.html
echo 'a' >'site/new folder/a b.txt'
: >site/empty.txt
echo secret >site/.git/config
echo old >site/index.html~

says 'assets::css::style_css' "$ASTER" crunch site -o one
grep -qF 'assets::new_folder::a_b_txt' out || fail "$(cat out)"
! grep -qE 'git|html_' out || fail "hidden files: $(cat out)"

# The same again, from another place and listed in another order.
mkdir -p elsewhere/site/css "elsewhere/site/new folder"
cp site/empty.txt elsewhere/site
cp site/css/style.css elsewhere/site/css
cp 'site/new folder/a b.txt' 'elsewhere/site/new folder'
cp site/index.html elsewhere/site
"$ASTER" crunch elsewhere/site -o two --quiet >out
[ ! -s out ] || fail "quiet: $(cat out)"
diff -r one two || fail 'not the same twice'
! grep -q "$folder" one/assets.* || fail 'it knows where it was made'

"$ASTER" crunch --json site -o one >json
python3 - <<'PYTHON'
import gzip, hashlib, json
summary = json.load(open("json"))
assert summary["header"] == "one/assets.hpp"
files = {file["path"]: file for file in summary["files"]}
assert list(files) == ["/css/style.css", "/empty.txt", "/index.html", "/new folder/a b.txt"], list(files)
style = files["/css/style.css"]
content = open("site/css/style.css", "rb").read()
digest = hashlib.sha256(content).hexdigest()
assert style["name"] == "assets::css::style_css"
assert style["type"] == "text/css; charset=utf-8"
assert style["url"] == f"/css/style.{digest[:8]}.css"
assert style["sha256"] == digest and style["size"] == len(content)
assert 0 < style["brotli"] < style["gzip"] < len(content) / 10
assert files["/index.html"]["gzip"] is None and files["/index.html"]["brotli"] is None
packed = open("one/assets.bin", "rb").read()
assert len(packed) == summary["bytes"] == sum(f["size"] + (f["gzip"] or 0) + (f["brotli"] or 0) for f in files.values())
assert packed.startswith(content)
assert gzip.decompress(packed[len(content):][:style["gzip"]]) == content
PYTHON

# compile FILE: as the project compiles its own code.
compile() { "$CXX" -std=c++23 -stdlib=libc++ -fPIE -Wall -Wextra -Wpedantic -Werror -I"$SOURCE" -Ione "$@"; }

cat >good.cpp <<'CODE'
#include <cstdio>
#include "assets.hpp"
static_assert(assets::css::style_css.type == "text/css; charset=utf-8");
static_assert(assets::new_folder::a_b_txt.url().starts_with("/new%20folder/a%20b."));
static_assert(assets::all.find_built("/new folder/a b.txt"));
static_assert(assets::empty_txt.content.empty());
int main() {
  for (const auto& file : assets::all) std::printf("%s %zu\n", file.path.data(), file.content.size());
  return assets::index_html.content == "<p>Hello\n" ? 0 : 1;
}
CODE
compile good.cpp one/assets.cpp -fuse-ld=lld -o good
says '/css/style.css 4800' ./good

# A file that is not there does not compile, and the compiler says which.
cat >missing.cpp <<'CODE'
#include "assets.hpp"
auto content = assets::css::styles_css.content;
auto more = assets::nope_css.content;
CODE
! compile -fsyntax-only missing.cpp 2>err || fail 'a missing file compiles'
grep -q "missing.cpp:2:29: error: no member named 'styles_css' in namespace 'assets::css'; did you mean 'style_css'?" err || fail "$(cat err)"
grep -q "missing.cpp:3:21: error: no member named 'nope_css' in namespace 'assets'" err || fail "$(cat err)"

refused 1 'nowhere cannot be read' "$ASTER" crunch nowhere
refused 1 "'a-b' cannot be the name of a namespace" "$ASTER" crunch site --name a-b
refused 1 'cannot be made' "$ASTER" crunch site -o good/x
cp site/index.html site/index-html
refused 1 '/index-html and /index.html would both be called index_html in C++; rename one of them' "$ASTER" crunch site
rm site/index-html
ln -s /etc/passwd site/users
refused 1 'site/users is a link that leads out of the directory' "$ASTER" crunch site
rm site/users
says 'assets::_git::config' "$ASTER" crunch site --hidden --name assets -o hidden
if [ "$(id -u)" -ne 0 ]; then
  chmod 0 site/index.html
  refused 1 'site/index.html cannot be read: Permission denied; check its name and its permissions' "$ASTER" crunch site
fi

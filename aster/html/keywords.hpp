// The words that attributes with an enumerated value know (html.spec.whatwg.org; WAI-ARIA 1.2 for role and
// aria-*).
#pragma once
#include <string_view>

#include "aster/html/attribute_name.hpp"

namespace aster::html {

/// The words, with a blank around each.
constexpr std::string_view keywords_of(at a) {
  switch (a) {
    case at::dir: return " ltr rtl auto ";
    case at::autocapitalize: return " off none on sentences words characters ";
    case at::contenteditable: return " true false plaintext-only ";
    case at::draggable:
    case at::spellcheck: return " true false ";
    case at::translate: return " yes no ";
    case at::enterkeyhint: return " enter done go next previous search send ";
    case at::inputmode: return " none text decimal numeric tel search email url ";
    case at::popover: return " auto manual ";
    case at::role:
      return " alert alertdialog application article banner blockquote button caption cell checkbox code "
             "columnheader "
             "combobox complementary contentinfo definition deletion dialog document emphasis feed figure "
             "form generic "
             "grid gridcell group heading img insertion link list listbox listitem log main marquee math "
             "menu menubar "
             "menuitem menuitemcheckbox menuitemradio meter navigation none note option paragraph "
             "presentation "
             "progressbar radio radiogroup region row rowgroup rowheader scrollbar search searchbox "
             "separator slider "
             "spinbutton status strong subscript superscript switch tab table tablist tabpanel term textbox "
             "time timer "
             "toolbar tooltip tree treegrid treeitem ";
    case at::aria:
      return " activedescendant atomic autocomplete braillelabel brailleroledescription busy checked "
             "colcount colindex "
             "colindextext colspan controls current describedby description details disabled dropeffect "
             "errormessage "
             "expanded flowto grabbed haspopup hidden invalid keyshortcuts label labelledby level live modal "
             "multiline "
             "multiselectable orientation owns placeholder posinset pressed readonly relevant required "
             "roledescription "
             "rowcount rowindex rowindextext rowspan selected setsize sort valuemax valuemin valuenow "
             "valuetext ";
    case at::as: return " audio document embed fetch font image object script style track video worker ";
    case at::charset: return " utf-8 UTF-8 ";
    case at::crossorigin: return " anonymous use-credentials ";
    case at::enctype: return " application/x-www-form-urlencoded multipart/form-data text/plain ";
    case at::fetchpriority: return " high low auto ";
    case at::method:
    case at::formmethod: return " get post dialog ";
    case at::http_equiv:
      return " content-security-policy content-type default-style x-ua-compatible ";  // no refresh
    case at::kind: return " subtitles captions descriptions chapters metadata ";
    case at::loading: return " lazy eager ";
    case at::popovertargetaction: return " toggle show hide ";
    case at::preload: return " none metadata auto ";
    case at::referrerpolicy:
      return " no-referrer no-referrer-when-downgrade same-origin origin strict-origin "
             "origin-when-cross-origin "
             "strict-origin-when-cross-origin unsafe-url ";
    case at::rel:
      return " alternate author bookmark canonical dns-prefetch expect external help icon apple-touch-icon "
             "license "
             "manifest me modulepreload next nofollow noopener noreferrer opener pingback preconnect "
             "prefetch preload "
             "prev privacy-policy search shortcut stylesheet tag terms-of-service ";
    case at::sandbox:
      return " allow-downloads allow-forms allow-modals allow-orientation-lock allow-pointer-lock "
             "allow-popups "
             "allow-popups-to-escape-sandbox allow-presentation allow-same-origin allow-scripts "
             "allow-top-navigation allow-top-navigation-by-user-activation ";
    case at::scope: return " row col rowgroup colgroup ";
    case at::shape: return " default circle poly rect ";
    case at::wrap: return " soft hard ";
    case at::type:  // of <button> and <input>, of <ol>, of <script>; media types have a slash
      return " submit reset button hidden text search tel url email password date month week time "
             "datetime-local number "
             "range color checkbox radio file image 1 a A i I module importmap speculationrules ";
    // SVG 2
    case at::fill_rule:
    case at::clip_rule: return " nonzero evenodd ";
    case at::stroke_linecap: return " butt round square ";
    case at::stroke_linejoin: return " miter miter-clip round bevel arcs ";
    case at::text_anchor: return " start middle end ";
    case at::dominant_baseline:
      return " auto middle central hanging mathematical alphabetic ideographic text-bottom text-top "
             "text-before-edge "
             "text-after-edge ";
    case at::vector_effect: return " none non-scaling-stroke ";
    case at::shape_rendering: return " auto optimizeSpeed crispEdges geometricPrecision ";
    case at::gradient_units:
    case at::pattern_units: return " userSpaceOnUse objectBoundingBox ";
    default: return "";
  }
}

/// Whether each of the words between blanks is one of them.
constexpr bool are_keywords(at a, std::string_view words) {
  if (a == at::type && words.find('/') != words.npos) return words.find(' ') == words.npos;
  if (words.empty()) return a == at::sandbox;
  if (words.back() == ' ') return false;
  while (!words.empty()) {
    const std::size_t size = words.find(' ') == words.npos ? words.size() : words.find(' ');
    const std::string_view word = words.substr(0, size);
    bool found = false;
    const std::string_view known = keywords_of(a);
    for (std::size_t from = 1; from < known.size(); from = known.find(' ', from) + 1)
      found = found || known.substr(from, known.find(' ', from) - from) == word;
    if (!found) return false;
    words.remove_prefix(size == words.size() ? size : size + 1);
  }
  return true;
}

}  // namespace aster::html

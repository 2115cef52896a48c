// The attributes of HTML, to be assigned to: `a(_href = "/", _class = "x", "Home")`.
//
// What is not here does not exist, and the compiler says so, with the nearest name that does. There is no
// style="…" and no onclick="…", see attribute_name.hpp. Attributes of SVG stand in svg.hpp.
#pragma once
#include "aster/html/attribute.hpp"

namespace aster::html {

// Text, or a number
inline constexpr text_attribute<at::abbr> _abbr{};
inline constexpr text_attribute<at::accept> _accept{};
inline constexpr text_attribute<at::accesskey> _accesskey{};
inline constexpr text_attribute<at::allow> _allow{};
inline constexpr text_attribute<at::alt> _alt{};
inline constexpr text_attribute<at::autocomplete> _autocomplete{};
inline constexpr text_attribute<at::cite> _cite{};
inline constexpr text_attribute<at::class_> _class{};
inline constexpr text_attribute<at::content> _content{};
inline constexpr text_attribute<at::coords> _coords{};
inline constexpr text_attribute<at::datetime> _datetime{};
inline constexpr text_attribute<at::dirname> _dirname{};
inline constexpr text_attribute<at::download> _download{};
inline constexpr text_attribute<at::for_> _for{};
inline constexpr text_attribute<at::form> _form{};
inline constexpr text_attribute<at::headers> _headers{};
inline constexpr text_attribute<at::height> _height{};
inline constexpr text_attribute<at::high> _high{};
inline constexpr text_attribute<at::hreflang> _hreflang{};
inline constexpr text_attribute<at::id> _id{};
inline constexpr text_attribute<at::integrity> _integrity{};
inline constexpr text_attribute<at::itemid> _itemid{};
inline constexpr text_attribute<at::itemprop> _itemprop{};
inline constexpr text_attribute<at::itemref> _itemref{};
inline constexpr text_attribute<at::itemtype> _itemtype{};
inline constexpr text_attribute<at::label> _label{};
inline constexpr text_attribute<at::lang> _lang{};
inline constexpr text_attribute<at::list> _list{};
inline constexpr text_attribute<at::low> _low{};
inline constexpr text_attribute<at::max> _max{};
inline constexpr text_attribute<at::media> _media{};
inline constexpr text_attribute<at::min> _min{};
inline constexpr text_attribute<at::name> _name{};
inline constexpr text_attribute<at::optimum> _optimum{};
inline constexpr text_attribute<at::pattern> _pattern{};
inline constexpr text_attribute<at::placeholder> _placeholder{};
inline constexpr text_attribute<at::popovertarget> _popovertarget{};
inline constexpr text_attribute<at::property> _property{};
inline constexpr text_attribute<at::sizes> _sizes{};
inline constexpr text_attribute<at::srclang> _srclang{};
inline constexpr text_attribute<at::srcset> _srcset{};
inline constexpr text_attribute<at::step> _step{};
inline constexpr text_attribute<at::target> _target{};
inline constexpr text_attribute<at::title> _title{};
inline constexpr text_attribute<at::usemap> _usemap{};
inline constexpr text_attribute<at::value> _value{};
inline constexpr text_attribute<at::width> _width{};

// Whole numbers
inline constexpr number_attribute<at::cols> _cols{};
inline constexpr number_attribute<at::colspan> _colspan{};
inline constexpr number_attribute<at::maxlength> _maxlength{};
inline constexpr number_attribute<at::minlength> _minlength{};
inline constexpr number_attribute<at::rows> _rows{};
inline constexpr number_attribute<at::rowspan> _rowspan{};
inline constexpr number_attribute<at::size> _size{};
inline constexpr number_attribute<at::span> _span{};
inline constexpr number_attribute<at::start> _start{};
inline constexpr number_attribute<at::tabindex> _tabindex{};

// Boolean: `_required`, or `_checked = condition`
inline constexpr flag_attribute<at::async> _async{};
inline constexpr flag_attribute<at::autofocus> _autofocus{};
inline constexpr flag_attribute<at::autoplay> _autoplay{};
inline constexpr flag_attribute<at::checked> _checked{};
inline constexpr flag_attribute<at::controls> _controls{};
inline constexpr flag_attribute<at::default_> _default{};
inline constexpr flag_attribute<at::defer> _defer{};
inline constexpr flag_attribute<at::disabled> _disabled{};
inline constexpr flag_attribute<at::formnovalidate> _formnovalidate{};
inline constexpr flag_attribute<at::hidden> _hidden{};
inline constexpr flag_attribute<at::inert> _inert{};
inline constexpr flag_attribute<at::itemscope> _itemscope{};
inline constexpr flag_attribute<at::loop> _loop{};
inline constexpr flag_attribute<at::multiple> _multiple{};
inline constexpr flag_attribute<at::muted> _muted{};
inline constexpr flag_attribute<at::nomodule> _nomodule{};
inline constexpr flag_attribute<at::novalidate> _novalidate{};
inline constexpr flag_attribute<at::open> _open{};
inline constexpr flag_attribute<at::playsinline> _playsinline{};
inline constexpr flag_attribute<at::readonly> _readonly{};
inline constexpr flag_attribute<at::required> _required{};
inline constexpr flag_attribute<at::reversed> _reversed{};
inline constexpr flag_attribute<at::selected> _selected{};

// Addresses (url.hpp)
inline constexpr url_attribute<at::action> _action{};
inline constexpr url_attribute<at::formaction> _formaction{};
inline constexpr url_attribute<at::href> _href{};
inline constexpr url_attribute<at::poster> _poster{};
inline constexpr url_attribute<at::src> _src{};

// Words that the standard knows (keywords.hpp), from literals
inline constexpr keyword_attribute<at::as> _as{};
inline constexpr keyword_attribute<at::autocapitalize> _autocapitalize{};
inline constexpr keyword_attribute<at::charset> _charset{};
inline constexpr keyword_attribute<at::contenteditable> _contenteditable{};
inline constexpr keyword_attribute<at::crossorigin> _crossorigin{};
inline constexpr keyword_attribute<at::dir> _dir{};
inline constexpr keyword_attribute<at::draggable> _draggable{};
inline constexpr keyword_attribute<at::enctype> _enctype{};
inline constexpr keyword_attribute<at::enterkeyhint> _enterkeyhint{};
inline constexpr keyword_attribute<at::fetchpriority> _fetchpriority{};
inline constexpr keyword_attribute<at::formmethod> _formmethod{};
inline constexpr keyword_attribute<at::http_equiv> _http_equiv{};
inline constexpr keyword_attribute<at::inputmode> _inputmode{};
inline constexpr keyword_attribute<at::kind> _kind{};
inline constexpr keyword_attribute<at::loading> _loading{};
inline constexpr keyword_attribute<at::method> _method{};
inline constexpr keyword_attribute<at::popover> _popover{};
inline constexpr keyword_attribute<at::popovertargetaction> _popovertargetaction{};
inline constexpr keyword_attribute<at::preload> _preload{};
inline constexpr keyword_attribute<at::referrerpolicy> _referrerpolicy{};
inline constexpr keyword_attribute<at::rel> _rel{};
inline constexpr keyword_attribute<at::role> _role{};
inline constexpr keyword_attribute<at::sandbox> _sandbox{};
inline constexpr keyword_attribute<at::scope> _scope{};
inline constexpr keyword_attribute<at::shape> _shape{};
inline constexpr keyword_attribute<at::spellcheck> _spellcheck{};
inline constexpr keyword_attribute<at::translate> _translate{};
inline constexpr keyword_attribute<at::type> _type{};
inline constexpr keyword_attribute<at::wrap> _wrap{};

// Families: `_data("count") = 3`, `_aria("expanded") = false`
inline constexpr attribute_family<at::data> _data{};
inline constexpr attribute_family<at::aria> _aria{};

// Not attributes here, and the compiler says why.
inline constexpr inline_style _style{};
inline constexpr inline_listener _onclick{}, _onchange{}, _oninput{}, _onload{}, _onerror{}, _onsubmit{};

}  // namespace aster::html

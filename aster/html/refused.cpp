// What does not compile, and what the compiler says. Run by cmake/refused.py.
#include <optional>
#include <string>
#include <vector>

#include "aster/html.hpp"

using namespace aster::html;

std::string text;

// ---- Which element stands where ----

#ifdef a_block_in_a_paragraph  // says: inside<aster::html::tag::div, aster::html::tag::p>::is_allowed': a
                               // paragraph holds phrasing content (HTML, 4.4.1)
auto x = p("a", div("b"));
#endif
#ifdef a_list_item_outside_of_a_list  // says: inside<aster::html::tag::li,
                                      // aster::html::tag::div>::is_allowed': this is no flow content: it
                                      // stands in a parent of its own
auto x = div(li("a"));
#endif
#ifdef text_in_a_list  // says: inside<aster::html::tag::text, aster::html::tag::ul>::is_allowed': a list
                       // holds <li>
auto x = ul("a");
#endif
#ifdef a_block_in_a_paragraph_through_a_link  // says: inside<aster::html::tag::div, aster::html::tag::p>
auto x = p(a(_href = "/", div("b")));
#endif
#ifdef a_block_in_a_paragraph_through_a_fragment  // says: inside<aster::html::tag::ul, aster::html::tag::p>
auto x = p(fragment("a", ul(li("b"))));
#endif
#ifdef a_block_in_a_paragraph_through_a_loop  // says: inside<aster::html::tag::div, aster::html::tag::p>
auto x = p(each(std::vector<int>{1}, [](int n) { return div(n); }));
#endif
#ifdef a_block_in_a_paragraph_on_one_way  // says: inside<aster::html::tag::hr, aster::html::tag::p>
auto x = p(when(text.empty(), "a", hr()));
#endif
#ifdef a_link_in_a_link  // says: what can be clicked holds nothing else that can, at any depth
auto x = a(_href = "/", em(a(_href = "/b", "c")));
#endif
#ifdef a_link_without_a_target_in_a_link  // says: inside<aster::html::tag::a, aster::html::tag::a>
auto x = a(_href = "/", em(a("c")));
#endif
#ifdef a_field_in_a_link  // says: inside<aster::html::tag::input, aster::html::tag::a>
auto x = a(_href = "/", input(_name = "b"));
#endif
#ifdef a_script_in_a_template_by_itself  // says: inside<aster::html::tag::script_source,
                                         // aster::html::tag::template_>
auto x = template_(js("1"));
#endif
#ifdef a_button_in_a_button  // says: what can be clicked holds nothing else that can, at any depth
auto x = button(span(button("a")));
#endif
#ifdef something_in_a_button_that_the_keyboard_reaches  // says: what can be clicked holds nothing else
auto x = button(span(_tabindex = 0, "a"));
#endif
#ifdef a_form_in_a_form  // says: a form holds no other form, at any depth
auto x = form(div(section(form())));
#endif
#ifdef a_heading_in_a_heading  // says: a heading holds phrasing content (HTML, 4.3.6)
auto x = h1(h2("a"));
#endif
#ifdef a_cell_outside_of_a_row  // says: a table holds <caption>, <colgroup>, <thead>, <tbody>, <tr> and
                                // <tfoot>
auto x = table(td("a"));
#endif
#ifdef a_caption_behind_the_rows  // says: a table is <caption>, <colgroup>, <thead>, <tbody> or <tr>,
                                  // <tfoot>, in this order
auto x = table(tr(td("a")), caption("b"));
#endif
#ifdef two_heads_of_a_table  // says: a table has at most one of these
auto x = table(thead(tr(th("a"))), thead(tr(th("b"))));
#endif
#ifdef a_term_outside_of_its_list  // says: inside<aster::html::tag::dl_group, aster::html::tag::section>
auto x = section(div(dt("a"), dd("b")));
#endif
#ifdef a_plain_div_in_a_description_list  // says: a description list holds <dt>, <dd>, and <div> around these
auto x = dl(div(p("a")));
#endif
#ifdef an_option_outside_of_a_selection  // says: inside<aster::html::tag::option, aster::html::tag::p>
auto x = p(option("a"));
#endif
#ifdef an_element_in_an_option  // says: it holds text and no elements
auto x = select(option(b("a")));
#endif
#ifdef details_without_a_summary  // says: details begin with a summary, and have one
auto x = details(p("a"));
#endif
#ifdef a_legend_that_is_not_first  // says: the legend is the first in a fieldset
auto x = fieldset(p("a"), legend("b"));
#endif
#ifdef a_caption_in_the_middle_of_a_figure  // says: a figure has one caption, which stands first or last
auto x = figure(p("a"), figcaption("b"), p("c"));
#endif
#ifdef a_picture_without_an_image  // says: a picture is <source>s and then exactly one <img>
auto x = picture(source(_srcset = "/a.webp"));
#endif
#ifdef something_in_a_void_element  // says: a void element holds nothing
auto x = br("a");
#endif
#ifdef a_document_without_a_head  // says: a document is html5(head(...), body(...)), in this order
auto x = html5(_lang = "en", body("a"));
#endif
#ifdef a_head_without_a_title  // says: a head has exactly one title
auto x = head(meta(_charset = "utf-8"));
#endif
#ifdef flow_content_in_a_head  // says: a head holds metadata
auto x = head(title("a"), p("b"));
#endif
#ifdef a_form_that_was_forgotten_in_something_for_forms  // says: somewhere within this node is what may not
                                                         // be there
any_flow x = div(form());
#endif
#ifdef a_node_that_does_not_belong_to_the_forgotten_ones  // says: this node is not among those that may be
                                                          // forgotten here
any_phrasing x = div();
#endif
#ifdef a_drawing_outside_of_svg  // says: inside<aster::html::tag::rect, aster::html::tag::div>
auto x = div(svg::rect(_width = 1, _height = 1));
#endif
#ifdef html_in_a_drawing  // says: an element of SVG holds elements of SVG
auto x = svg::svg(svg::_view_box = svg::box(0, 0, 1, 1), p("a"));
#endif

// ---- Attributes ----

#ifdef an_attribute_that_the_element_has_not  // says: attribute_of<aster::html::tag::p,
                                              // aster::html::at::href>::is_allowed': this element has no such
                                              // attribute
auto x = p(_href = "/", "a");
#endif
#ifdef an_attribute_that_does_not_exist  // says: use of undeclared identifier '_hreff'; did you mean '_href'?
auto x = a(_hreff = "/", "a");
#endif
#ifdef a_listener  // says: a_listener_may_be_inline<char[9]>': listeners belong into a script
auto x = button(_onclick = "alert(1)", "a");
#endif
#ifdef an_inline_style  // says: a_style_may_be_inline<char[11]>': styles belong into a style sheet
auto x = p(_style = "color: red", "a");
#endif
#ifdef an_image_without_a_text_for_it  // says: attribute_of<aster::html::tag::img,
                                       // aster::html::at::alt>::is_allowed': the attribute is missing
auto x = img(_src = "/a.png");
#endif
#ifdef a_document_without_a_language  // says: attribute_of<aster::html::tag::html,
                                      // aster::html::at::lang>::is_allowed': the attribute is missing
auto x = html5(head(title("a")), body("b"));
#endif
#ifdef an_attribute_twice  // says: the attribute stands twice
auto x = p(_id = "a", _class = "b", _id = "c");
#endif
#ifdef an_attribute_behind_the_content  // says: attributes stand in front of what the element holds
auto x = p("a", _id = "b");
#endif
#ifdef an_unknown_keyword  // says: this_attribute_has_no_such_keyword
auto x = input(_type = "emial");
#endif
#ifdef a_keyword_made_at_run_time  // says: no viable overloaded '='
auto x = input(_type = text);
#endif
#ifdef a_text_where_a_number_is_due  // says: no viable overloaded '='
auto x = td(_colspan = "two");
#endif
#ifdef a_number_where_a_condition_is_due  // says: no viable overloaded '='
auto x = input(_checked = 1);
#endif
#ifdef an_unknown_aria_attribute  // says: there_is_no_such_attribute
auto x = p(_aria("lable") = "a");
#endif
#ifdef a_data_attribute_that_leaves_its_name  // says: there_is_no_such_attribute
auto x = p(_data("a onclick") = "b");
#endif

// ---- Contexts ----

#ifdef a_literal_address_that_runs_code  // says: this_address_may_run_code
auto x = a(_href = "javascript:alert(1)", "a");
#endif
#ifdef a_text_in_a_script  // says: nothing can be escaped here
auto x = script(text);
#endif
#ifdef a_style_sheet_in_a_script  // says: inside<aster::html::tag::style_source, aster::html::tag::script>
auto x = script(css("p {}"));
#endif
#ifdef a_script_that_ends_early  // says: this_source_would_end_its_element
auto x = script(js("'</script>'"));
#endif
#ifdef a_script_made_at_run_time  // says: no matching function for call to 'js'
auto x = script(js(text));
#endif
#ifdef a_script_as_a_constant  // says: gets the nonce of each response, so it is no constant
constexpr auto x = folded<[] { return div(script(js("1"))); }>;
static_assert(x.text.empty());
#endif
#ifdef a_trusted_address_by_accident  // says: no viable
trusted::url f() { return text; }
#endif

// ---- Values ----

#ifdef a_bool_as_text  // says: a bool is no text: write when(condition, "yes", "no")
auto x = p(text.empty());
#endif
#ifdef a_fraction_without_a_number_of_digits  // says: how many digits? write fixed<2>(value)
auto x = p(1.5);
#endif
#ifdef a_tree_with_texts_of_its_own_twice  // says: a tree that owns its texts is moved, not copied:
                                           // std::move(tree)
auto once = p(text);
auto x = div(once, once);
#endif
#ifdef something_that_is_no_text  // says: neither text nor a number nor an element
auto x = p(std::vector<int>{});
#endif

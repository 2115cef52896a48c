// A double's decimal digits to a given precision, in place of libc++'s d2fixed.cpp with its tables of 104 KB.
//
// `{:.3f}` and `{:.3e}` come here, by std::to_chars. A finite double is a whole number of 2^-1074, so a fixed-point
// number of 34 + 32 words holds any of them exactly; nine digits at a time leave it by division of its whole part
// and by multiplication of its fraction. Zero words are skipped: 2/3 to three digits takes two multiplications.
#include <algorithm>
#include <bit>
#include <charconv>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace {

constexpr std::uint32_t billion = 1'000'000'000;

void put_digits(char* to, unsigned count, std::uint32_t value) noexcept {
  for (; count > 0; value /= 10) to[--count] = static_cast<char>('0' + value % 10);
}

/// The digits of a finite positive double, taken one after the other, nearest to the front first.
class expansion {
public:
  explicit expansion(double value) noexcept {
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
    const unsigned exponent = bits >> 52 & 0x7ff;
    const std::uint64_t fraction = bits & ((std::uint64_t{1} << 52) - 1);
    const std::uint64_t mantissa = exponent == 0 ? fraction : fraction | std::uint64_t{1} << 52;
    // The lowest bit of the mantissa is worth 2^(max(exponent, 1) - 1075).
    const unsigned lowest = point * 32 + std::max(exponent, 1u) - 1075;
    const unsigned __int128 placed = static_cast<unsigned __int128>(mantissa) << lowest % 32;
    first_ = lowest / 32;
    for (unsigned i = 0; i < 3; ++i) word_[first_ + i] = static_cast<std::uint32_t>(placed >> 32 * i);
    end_ = std::max(first_ + 3, point);
  }

  /// Writes the part before the point without zeros in front, and returns its end: at most 309 digits.
  char* take_whole(char* to) noexcept {
    std::uint32_t nines[most_whole / 9 + 1];
    unsigned count = 0;
    for (unsigned end = end_; (end = significant(end)) > point; ++count) {
      std::uint64_t rest = 0;
      for (unsigned i = end; i-- > point;) {
        rest = rest << 32 | word_[i];
        word_[i] = static_cast<std::uint32_t>(rest / billion);
        rest %= billion;
      }
      nines[count] = static_cast<std::uint32_t>(rest);
    }
    if (count == 0) return to;
    unsigned leading = 1;
    for (std::uint32_t rest = nines[count - 1]; rest >= 10; rest /= 10) ++leading;
    put_digits(to, leading, nines[--count]);
    to += leading;
    for (; count > 0; to += 9) put_digits(to, 9, nines[--count]);
    return to;
  }

  /// Writes the next `count` (1 to 9) digits behind the point.
  void take(char* to, unsigned count) noexcept {
    std::uint32_t power = 1;
    for (unsigned i = 0; i < count; ++i) power *= 10;
    std::uint64_t carry = 0;
    for (unsigned i = first_; i < point; ++i) {
      carry += std::uint64_t{word_[i]} * power;
      word_[i] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    put_digits(to, count, static_cast<std::uint32_t>(carry));
    while (first_ < point && word_[first_] == 0) ++first_;
  }

  /// Whether what was not taken is nothing, and how it compares with half a unit of the last digit taken.
  bool is_used_up() noexcept {
    while (first_ < point && word_[first_] == 0) ++first_;
    return first_ >= point;
  }
  std::strong_ordering against_half() noexcept {
    if (is_used_up()) return std::strong_ordering::less;
    const std::uint32_t top = word_[point - 1];
    if (top != 0x8000'0000) return top <=> 0x8000'0000;
    return first_ == point - 1 ? std::strong_ordering::equal : std::strong_ordering::greater;
  }

  static constexpr std::size_t most_whole = 309, most_behind = 1074;

private:
  static constexpr unsigned point = 34;  // words behind the point: 1088 bits, of which 1074 can be used

  unsigned significant(unsigned end) const noexcept {
    while (end > point && word_[end - 1] == 0) --end;
    return end;
  }

  std::uint32_t word_[point + 32 + 2] = {};  // least significant first; three words are written wherever they lie
  unsigned first_, end_;                     // words outside are zero
};

/// Digits that have been taken, with room in front for the one that rounding may add.
class digit_row {
public:
  std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
  std::string_view text() const noexcept { return {begin_, end_}; }

  void take_whole(expansion& from) noexcept { end_ = from.take_whole(end_); }
  void take(expansion& from, std::size_t count) noexcept {
    from.take(end_, static_cast<unsigned>(count));
    end_ += count;
  }
  void put_zero() noexcept { *end_++ = '0'; }
  void drop_zeros_in_front() noexcept {
    while (begin_ < end_ && *begin_ == '0') ++begin_;
  }

  /// Keeps the first `count` digits (at least one), rounded to nearest, ties to even, by those cut off and what is `left`. Returns
  /// whether that carried into a new digit in front.
  bool round_to(std::size_t count, expansion& left) noexcept {
    std::strong_ordering half = left.against_half();
    if (count < size()) {
      const std::string_view cut = text().substr(count);
      const bool exactly = cut.find_first_not_of('0', 1) == cut.npos && left.is_used_up();
      half = cut[0] != '5' ? cut[0] <=> '5' : exactly ? std::strong_ordering::equal : std::strong_ordering::greater;
      end_ = begin_ + count;
    }
    const bool is_odd = end_[-1] % 2 != 0;
    if (half < 0 || (half == 0 && !is_odd)) return false;
    for (char* digit = end_; digit > begin_; *digit = '0') {
      if (*--digit == '9') continue;
      ++*digit;
      return false;
    }
    *--begin_ = '1';
    return true;
  }

private:
  char row_[1 + expansion::most_whole + expansion::most_behind + 2 * 9];
  char* begin_ = row_ + 1;
  char* end_ = begin_;
};

constexpr std::to_chars_result too_large(char* last) noexcept { return {last, std::errc::value_too_large}; }

char* put(char* to, std::string_view text) noexcept {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

/// Writes `digits`, and zeros up to `count`.
char* put_padded(char* to, std::string_view digits, std::size_t count) noexcept {
  to = put(to, digits);
  std::memset(to, '0', count - digits.size());
  return to + (count - digits.size());
}

}  // namespace

namespace std::inline __1 {

// libc++'s names: what charconv.cpp and f2s.cpp call.
to_chars_result __d2fixed_buffered_n(char* first, char* last, double value, uint32_t precision);
to_chars_result __d2exp_buffered_n(char* first, char* last, double value, uint32_t precision);
void __append_n_digits(uint32_t count, uint32_t digits, char* to);
void __append_nine_digits(uint32_t digits, char* to);

/// `value` (finite, not negative) with `precision` digits behind the point, as "%.*f" writes it.
to_chars_result __d2fixed_buffered_n(char* first, char* last, double value, uint32_t precision) {
  expansion left(value);
  digit_row row;
  row.take_whole(left);
  if (row.size() == 0) row.put_zero();
  size_t whole = row.size();
  for (size_t behind = 0; behind < precision && !left.is_used_up();) {
    const size_t now = min<size_t>(9, precision - behind);
    row.take(left, now);
    behind += now;
  }
  if (row.round_to(row.size(), left)) ++whole;

  const size_t room = static_cast<size_t>(last - first), length = whole + (precision > 0) + size_t{precision};
  if (room < length) return too_large(last);
  first = put(first, row.text().substr(0, whole));
  if (precision > 0) {
    *first++ = '.';
    first = put_padded(first, row.text().substr(whole), precision);
  }
  return {first, errc{}};
}

/// `value` (finite, not negative) with one digit before the point and `precision` behind, as "%.*e" writes it.
to_chars_result __d2exp_buffered_n(char* first, char* last, double value, uint32_t precision) {
  expansion left(value);
  digit_row row;
  const size_t wanted = size_t{precision} + 1;
  row.take_whole(left);
  int exponent = static_cast<int>(row.size()) - 1;
  while (row.size() < wanted && !left.is_used_up()) {
    const bool leads = row.size() == 0;
    row.take(left, 9);
    if (!leads) continue;
    row.drop_zeros_in_front();
    exponent -= static_cast<int>(9 - row.size());
  }
  if (row.size() == 0) {
    row.put_zero();
    exponent = 0;
  }
  if (row.round_to(min(wanted, row.size()), left)) ++exponent;

  const unsigned power = static_cast<unsigned>(exponent < 0 ? -exponent : exponent), places = power < 100 ? 2 : 3;
  const size_t room = static_cast<size_t>(last - first), length = wanted + (precision > 0) + 2 + places;
  if (room < length) return too_large(last);
  const string_view digits = row.text().substr(0, min(wanted, row.size()));
  *first++ = digits[0];
  if (precision > 0) {
    *first++ = '.';
    first = put_padded(first, digits.substr(1), precision);
  }
  *first++ = 'e';
  *first++ = exponent < 0 ? '-' : '+';
  put_digits(first, places, power);
  return {first + places, errc{}};
}

void __append_n_digits(uint32_t count, uint32_t digits, char* to) { put_digits(to, count, digits); }
void __append_nine_digits(uint32_t digits, char* to) { put_digits(to, 9, digits); }

}  // namespace std::inline __1

/** The small wax seal next to the name. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 200 208" aria-hidden="true" focusable="false">
      <path class="mark-wax" d="M131 20C142 23 154 28 161 36C169 43 172 56 177 66C181 77 187 87 188 98C189 109 189 123 185 133C180 143 170 151 161 159C153 166 145 174 135 180C125 185 113 192 102 192C91 192 79 185 69 180C59 175 50 168 42 161C33 153 22 145 18 136C13 126 12 113 13 102C13 91 17 80 21 69C24 58 27 45 34 37C42 29 54 23 65 20C75 16 87 17 98 17C109 17 121 17 131 20Z" />
      <path class="mark-sign" d="M100 64a20 20 0 0 1 11 37L118 140H82l7-39A20 20 0 0 1 100 64Z" />
    </svg>
  );
}

# كيف يتكرر الحدث. كل بداية هي بداية جملة؛ وأيام الأسبوع مرقمة من الاثنين (1) إلى الأحد (7).

# ما يتكرر على نحو لا كلمات له.
recurrence-repeats = يتكرر

recurrence-every-hour = كل ساعة
recurrence-every-hours =
    { PLURAL($count) ->
        [zero] كل { $count } ساعة
        [one] كل ساعة
        [two] كل ساعتين
        [few] كل { $count } ساعات
        [many] كل { $count } ساعة
       *[other] كل { $count } ساعة
    }
recurrence-every-day = كل يوم
recurrence-every-days =
    { PLURAL($count) ->
        [zero] كل { $count } يوم
        [one] كل يوم
        [two] كل يومين
        [few] كل { $count } أيام
        [many] كل { $count } يومًا
       *[other] كل { $count } يوم
    }
recurrence-every-week = كل أسبوع
recurrence-every-weeks =
    { PLURAL($count) ->
        [zero] كل { $count } أسبوع
        [one] كل أسبوع
        [two] كل أسبوعين
        [few] كل { $count } أسابيع
        [many] كل { $count } أسبوعًا
       *[other] كل { $count } أسبوع
    }
recurrence-every-month = كل شهر
recurrence-every-months =
    { PLURAL($count) ->
        [zero] كل { $count } شهر
        [one] كل شهر
        [two] كل شهرين
        [few] كل { $count } أشهر
        [many] كل { $count } شهرًا
       *[other] كل { $count } شهر
    }
recurrence-every-year = كل سنة
recurrence-every-years =
    { PLURAL($count) ->
        [zero] كل { $count } سنة
        [one] كل سنة
        [two] كل سنتين
        [few] كل { $count } سنوات
        [many] كل { $count } سنة
       *[other] كل { $count } سنة
    }

# من الاثنين إلى الجمعة: أيام العمل تختلف من بلد إلى آخر.
recurrence-every-workday = كل يوم من الاثنين إلى الجمعة
recurrence-every-weekday =
    { $weekday ->
        [1] كل يوم اثنين
        [2] كل يوم ثلاثاء
        [3] كل يوم أربعاء
        [4] كل يوم خميس
        [5] كل يوم جمعة
        [6] كل يوم سبت
       *[7] كل يوم أحد
    }
# يوم من قائمة في الرسائل التالية.
recurrence-weekday =
    { $weekday ->
        [1] الاثنين
        [2] الثلاثاء
        [3] الأربعاء
        [4] الخميس
        [5] الجمعة
        [6] السبت
       *[7] الأحد
    }
recurrence-every-two-weekdays = يومي { $weekdays } من كل أسبوع
recurrence-every-several-weekdays = أيام { $weekdays } من كل أسبوع
# ‏$every مثل «كل أسبوعين».
recurrence-every-weeks-on-one = { $every } يوم { $weekday }
recurrence-every-weeks-on-two = { $every } يومي { $weekdays }
recurrence-every-weeks-on-several = { $every } أيام { $weekdays }

# يوم من الأيام في الرسائل التالية؛ ‏$every مثل «كل شهر» أو «كل شهرين».
recurrence-day-of-month = { $day }
recurrence-every-months-on-one-day = { $every } في اليوم { $days }
recurrence-every-months-on-two-days = { $every } في اليومين { $days }
recurrence-every-months-on-several-days = { $every } في الأيام { $days }

# أيام الشهر، وهي ‏$day في الرسائل التالية.
recurrence-on-last-day = في آخر يوم
recurrence-on-nth-workday =
    { $nth ->
        [first] في أول يوم من أيام الاثنين إلى الجمعة
        [second] في ثاني يوم من أيام الاثنين إلى الجمعة
        [third] في ثالث يوم من أيام الاثنين إلى الجمعة
        [fourth] في رابع يوم من أيام الاثنين إلى الجمعة
        [fifth] في خامس يوم من أيام الاثنين إلى الجمعة
       *[last] في آخر يوم من أيام الاثنين إلى الجمعة
    }
recurrence-on-nth-weekday =
    في { $nth ->
        [first] أول
        [second] ثاني
        [third] ثالث
        [fourth] رابع
        [fifth] خامس
       *[last] آخر
    } يوم { $weekday ->
        [1] اثنين
        [2] ثلاثاء
        [3] أربعاء
        [4] خميس
        [5] جمعة
        [6] سبت
       *[7] أحد
    }
# ‏$every هو «كل شهر».
recurrence-every-month-on = { $every } { $day } من الشهر
# ‏$every مثل «كل شهرين»، ويجب أن يقال آخر أي شيء هو.
recurrence-every-months-on = { $every } { $day } من الشهر

# ‏$every مثل «كل سنة» أو «كل سنتين»، و‏$dates مثل «15 يونيو».
recurrence-every-years-on-dates = { $every } في { $dates }
recurrence-every-years-on = { $every } { $day } { $month }
recurrence-of-month =
    { $month ->
        [1] من يناير
        [2] من فبراير
        [3] من مارس
        [4] من أبريل
        [5] من مايو
        [6] من يونيو
        [7] من يوليو
        [8] من أغسطس
        [9] من سبتمبر
        [10] من أكتوبر
        [11] من نوفمبر
       *[12] من ديسمبر
    }

# ‏$rule جملة من الجمل السابقة.
recurrence-until = { $rule } حتى { $date }
# عدد المرات كلها، مرتان فأكثر.
recurrence-times =
    { PLURAL($count) ->
        [zero] { $rule }، { $count } مرة
        [one] { $rule }، مرة واحدة
        [two] { $rule }، مرتين
        [few] { $rule }، { $count } مرات
        [many] { $rule }، { $count } مرة
       *[other] { $rule }، { $count } مرة
    }
# حُذفت بعض الأيام.
recurrence-exceptions = { $rule }، ما عدا بعض الأيام

# الأوقات والمدد ومواعيد الأحداث.

# من وقت أو يوم إلى آخر.
time-range = { $from } – { $to }
# يوم وما فيه: وقت البداية، أو من وقت إلى آخر.
time-on-day = { $day }، { $time }
# وقت ومدينة منطقته الزمنية.
time-in-zone = { $time } ({ $zone })
# الموعد ومدته.
time-lasting = { $time } · { $duration }

# جزءان من مدة: «ساعة واحدة» و«30 دقيقة».
time-and = { $larger } و{ $smaller }
time-days =
    { PLURAL($days) ->
        [zero] { $days } يوم
        [one] يوم واحد
        [two] يومان
        [few] { $days } أيام
        [many] { $days } يومًا
       *[other] { $days } يوم
    }
time-hours =
    { PLURAL($hours) ->
        [zero] { $hours } ساعة
        [one] ساعة واحدة
        [two] ساعتان
        [few] { $hours } ساعات
        [many] { $hours } ساعة
       *[other] { $hours } ساعة
    }
time-minutes =
    { PLURAL($minutes) ->
        [zero] { $minutes } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتان
        [few] { $minutes } دقائق
        [many] { $minutes } دقيقة
       *[other] { $minutes } دقيقة
    }

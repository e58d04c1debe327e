"""The guide to objections as it is shipped: what source 004, part 4, has published and known (CB-46). Pure.

How long each step takes stands in the procedure beside it (``shipped_procedures``), by the deadlines in force.
"""

from __future__ import annotations

TITLE_AR, TITLE_EN = "دليل الاعتراض على السجل الائتماني", "Objecting to your credit record"
BODY_AR = """من يعترض وعلى ماذا: لكل من أُدرجت في سجله الائتماني معلومة عن مديونية نعمل عليها أن يعترض عليها، أو على قرار سلبي بُني عليها، في أي وقت وبلا مقابل: لأنها غير صحيحة، أو غير محدَّثة، أو ناقصة، أو لا تخصه، أو مضت مدة حفظها.

كيف يعترض: بأي وسيلة من وسائل التواصل معنا، أو عن طريق شركة المعلومات الائتمانية، مع ما لديه من مستندات. وتعديل المعلومة أو حذفها بطلبه يستند إلى مستندات رسمية، وما ينقص منها نطلبه منه دون أن يتوقف البحث. وما يصل خارج الدوام الرسمي (الأحد إلى الخميس، من 8:00 إلى 16:30) يُحسب من يوم العمل التالي.

ما الذي يحدث: من يوم وصول الاعتراض تتوقف التذكيرات بما اعتُرض عليه، وتُعلَّم المعلومة بأنها محل اعتراض. ويُشعر العضو الذي قدّمها كتابيًا بكل ما قدّمه المعترض، وسكوته حتى آخر مدته يُحسب لصالح المعترض. ولكل خطوة مدة، وأقرب المواعيد هو الملزم.

النتيجة: ما ثبت خطؤه كله أو بعضه، أو تعذّر التحقق منه، يُحذف أو يُعدَّل. وما ثبتت صحته لا يُحذف ولا يُعدَّل. ولا يُعاد ما حُذف أو عُدّل إلا بقرار من اللجنة.

بعد النتيجة: تصل النتيجة كتابةً مع السجل المصحَّح أو ملخص الحقوق. وللمعترض أن يسمّي من تسلّم سجله خلال السنة السابقة ليُشعَر بالتصحيح أو بالاعتراض القائم، وأن يُثبت ملخص اعتراضه في سجله إن لم يُحسم، وأن يرفع الأمر إلى اللجنة المختصة إن رُفض اعتراضه.

وعلى من يعمل في الاعتراضات أن يعرف هذا الدليل ويقرّ بقراءة كل إصدار منه، وأن يبحث كل اعتراض كاملًا وفور وصوله، وأن يوثّق كل خطوة، وأن يذكر المصدر والتاريخ لكل معلومة من سجل عام: صندوق أو بنك حكومي، أو محكمة، أو لجنة، أو ملف إفلاس."""  # noqa: E501 - a text of paragraphs
BODY_EN = """Who may object, and to what: whoever's credit record holds an item about a debt we work on may object to it, or to an adverse decision made on it, at any time and free of charge: because it is not true, not up to date, incomplete, not theirs, or older than it may be kept.

How: by any of the ways to reach us, or through the credit bureau, with whatever documents there are. An item is amended or deleted at a person's request on official documents; what is missing of them we ask for, and the investigation does not wait. What comes outside office hours (Sunday to Thursday, 8:00 to 16:30) counts as of the next working day.

What happens: from the day an objection comes, reminders of what it is about stop, and the item is marked as disputed. The member that supplied it is told in writing of all that the objector submitted; silence until its last day counts for the objector. Each step has its time, and the earliest date binds.

The result: what is found wrong, in whole or in part, or cannot be verified, is deleted or amended. What is proven right is neither. What was deleted or amended comes back by a decision of the committee alone.

Afterwards: the result comes in writing, with the corrected record or a summary of rights. The objector may name who received the record in the year before, so that they are told of the correction or of the objection that stands; may have a summary of the objection put into the record where it was not settled; and may go to the competent committee where it was rejected.

Whoever works on objections knows this guide and acknowledges each version of it, investigates every objection fully and at once, writes down each step, and names source and date of every item from a public record: a government fund or bank, a court, a committee, a bankruptcy file."""  # noqa: E501 - a text of paragraphs
